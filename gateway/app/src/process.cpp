#include "httvps/gateway/app/process.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "change_memory.hpp"
#include "config_watch.hpp"
#include "credential_keeper.hpp"
#include "directory.hpp"
#include "drain_duty.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/gateway/usage/usage_reporter.hpp"
#include "httvps/identity/key_file.hpp"
#include "httvps/net/http_server.hpp"
#include "local_door.hpp"
#include "machine_load.hpp"
#include "membership_desk.hpp"
#include "place_report.hpp"
#include "session_reporter.hpp"
#include "start_memory.hpp"
#include "worker_usage.hpp"

namespace httvps::gateway {
namespace {

constexpr auto disabled_heartbeat_pause = std::chrono::seconds(30);
constexpr auto last_report_limit = std::chrono::seconds(5);
constexpr std::size_t control_connections = 5;

base::result<void> write_address_file(const std::string& path, const net::endpoint& public_place,
                                      const net::endpoint& metrics_place) {
  if (path.empty()) {
    return {};
  }
  const auto text = boost::json::serialize(boost::json::object{
      {"listen", net::to_text(public_place)}, {"metrics", net::to_text(metrics_place)}});
  std::ofstream file(path + ".new", std::ios::trunc);
  file << text << '\n';
  file.close();
  std::error_code failure;
  std::filesystem::rename(path + ".new", path, failure);
  if (!file || failure) {
    return base::fail(base::errc::io_failure);
  }
  return {};
}

validation_cache_metrics validated_metrics(base::metric_registry& registry) {
  return {.entries = registry.add_gauge(
              {"httvps_gateway_validated_devices",
               "Devices that may come back while the control plane does not answer."}),
          .evictions = registry.add_counter(
              {"httvps_gateway_validated_devices_displaced_total",
               "Devices that were forgotten because others were validated later."})};
}

class gateway_process {
 public:
  gateway_process(const gateway_settings& settings, base::log_sink& sink)
      : settings_(settings),
        sink_(sink),
        log_(&sink, "gateway"),
        probe_(registry_),
        recognitions_(registry_),
        pool_(settings.memory),
        validated_(validated_devices_most, validated_metrics(registry_)),
        directory_(context_.get_executor(),
                   {.end_session = [this](std::uint64_t number) { end_session(number); },
                    .hand_over = [this](std::uint64_t number,
                                        newcomer who) { hand_over(number, std::move(who)); }},
                   roll_),
        nearby_(settings.runtime_dir),
        signals_(context_, SIGTERM, SIGINT),
        upgrade_signal_(context_, SIGUSR2),
        scope_(context_.get_executor()) {}

  base::result<void> run() {
    HTTVPS_CHECK(prepare());
    HTTVPS_CHECK(listen());
    for (auto& each : workers_) {
      each->start();
    }
    static_cast<void>(scope_.spawn(live()));
    static_cast<void>(scope_.spawn(leave_when_told()));
    static_cast<void>(scope_.spawn(hand_on_when_told()));
    static_cast<void>(scope_.spawn(local_door_->run()));
    context_.run();
    local_door_->close();
    for (auto& each : workers_) {
      each->stop();
    }
    return outcome_;
  }

 private:
  base::result<void> prepare() {
    std::error_code failure;
    std::filesystem::create_directories(settings_.state_dir, failure);
    std::filesystem::permissions(settings_.state_dir, std::filesystem::perms::owner_all, failure);
    HTTVPS_TRY(auto key, identity::load_or_create_box_key(settings_.state_dir + "/box.key",
                                                          base::secure_random()));
    box_key_ = std::make_unique<identity::box_key>(std::move(key));
    base::secure_random().fill(epoch_);
    roll_.name_process(base::to_hex(epoch_));
    HTTVPS_CHECK(open_spool());
    HTTVPS_CHECK(announce_means());
    HTTVPS_TRY(auto origin, net::parse_origin(settings_.backend_url));
    net::http_client_options chosen{.origin = std::move(origin),
                                    .max_connections = control_connections};
    if (chosen.origin.scheme == net::http_scheme::https) {
      HTTVPS_TRY(auto tls, net::tls_context::make_client({}));
      chosen.tls = std::move(tls);
    }
    HTTVPS_TRY(auto client, net::http_client::make(context_.get_executor(), std::move(chosen)));
    control_ = std::make_unique<control_plane>(
        std::move(client), *box_key_,
        [this](std::chrono::duration<double> took, const base::error& failed) {
          probe_.backend_call_seconds.observe(took.count());
          probe_.backend_failures.add(failed ? 1 : 0);
        });
    allowances_ = std::make_unique<allowance_desk>(
        context_.get_executor(), allowance_desk_parts{.control = *control_,
                                                      .clock = base::real_clock(),
                                                      .probe = probe_,
                                                      .log = log_.for_module("quota"),
                                                      .epoch = base::to_hex(epoch_)});
    make_state_keeper();
    return {};
  }

  void make_state_keeper() {
    state_keeper_parts parts{.clock = base::real_clock(),
                             .log = log_.for_module("state"),
                             .registry = registry_,
                             .folder = settings_.state_dir,
                             .own_secret = box_key_->secret(),
                             .validated = validated_,
                             .grants = grants_,
                             .allowances = *allowances_,
                             .is_approved = [this] { return standing_.is_approved(); },
                             .interval = settings_.state_interval};
    state_ = std::make_unique<state_keeper>(std::move(parts));
  }

  base::result<void> open_spool() {
    spool_settings chosen{.folder = settings_.state_dir + "/usage",
                          .epoch = base::to_hex(epoch_),
                          .most = settings_.usage_spool,
                          .keep_for = settings_.usage_keep,
                          .segment = settings_.usage_segment,
                          .batch_rows = usage_batch_rows_most};
    const spool_parts parts{.clock = base::real_clock(),
                            .meter = {.write_failures = probe_.usage_write_failures,
                                      .records_cut = probe_.usage_records_cut,
                                      .compactions = probe_.usage_compactions}};
    HTTVPS_TRY(spool_, usage_spool::open(std::move(chosen), parts));
    registry_.add_callback_gauge(
        {"httvps_gateway_usage_spool_bytes", "Bytes on disk of usage that is not acknowledged."},
        [this] { return static_cast<double>(spool_->bytes()); });
    registry_.add_callback_gauge(
        {"httvps_gateway_usage_oldest_seconds", "Age of the oldest batch not acknowledged."},
        [this] { return static_cast<double>(spool_->oldest_age().count()); });
    return {};
  }

  base::result<void> announce_means() {
    HTTVPS_TRY(const auto running, shadowsocks::make_engine(settings_.aead_engine));
    const std::string name(running.name);
    const auto control = net::carrier_congestion_control();
    log_.info("aead_engine", {{"engine", name}});
    log_.info("carrier_tuning",
              {{"congestion_control", control}, {"unsent_most", net::carrier_tuning.unsent_most}});
    registry_.add_callback_gauge(
        {.name = "httvps_gateway_carrier_congestion_control",
         .help = "Congestion control that carriers ask for and get: always 1.",
         .labels = {{"algorithm", control}}},
        [] { return 1.0; });
    registry_.add_callback_gauge(
        {.name = "httvps_gateway_aead_engine",
         .help = "Engine that seals and opens towards the nodes: always 1.",
         .labels = {{"engine", name}}},
        [] { return 1.0; });
    return {};
  }

  base::result<void> listen() {
    HTTVPS_TRY(auto place, net::parse_endpoint(settings_.listen));
    HTTVPS_TRY(const auto tls,
               net::tls_context::make_server({.certificate_chain_file = settings_.certificate_file,
                                              .private_key_file = settings_.key_file,
                                              .alpn = {"h2", "http/1.1"}}));
    for (std::size_t index = 0; index < settings_.threads; ++index) {
      HTTVPS_TRY(auto running, shadowsocks::make_engine(settings_.aead_engine));
      worker_plan plan{.settings = settings_,
                       .index = index,
                       .pool = pool_,
                       .log = log_,
                       .probe = probe_,
                       .recognitions = recognitions_,
                       .tls = tls,
                       .directory = directory_,
                       .nearby = nearby_,
                       .allowances = *allowances_,
                       .validated = validated_,
                       .grants = grants_,
                       .box_key = *box_key_,
                       .epoch = epoch_,
                       .engine = std::move(running.engine)};
      workers_.push_back(std::make_unique<worker>(std::move(plan)));
      HTTVPS_TRY(place, workers_.back()->listen(place));
      sources_.push_back(std::make_unique<worker_usage>(*workers_.back()));
    }
    public_place_ = place;
    HTTVPS_TRY(place_, place_of(settings_, public_place_));
    make_duty();
    make_membership();
    open_local_door();
    return open_metrics();
  }

  void open_local_door() {
    local_door_parts parts{.log = log_.for_module("local_door"),
                           .probe = probe_,
                           .directory = directory_,
                           .folder = settings_.runtime_dir,
                           .epoch = epoch_};
    local_door_ = std::make_unique<local_door>(context_.get_executor(), std::move(parts));
    if (const auto opened = local_door_->open(); !opened) {
      log_.error("local_door_not_open", {{"outcome", opened.error()}});
    }
  }

  base::result<void> open_metrics() {
    registry_.add_callback_gauge(
        {"httvps_gateway_buffer_bytes", "Bytes held for unacknowledged and unread stream data."},
        [this] { return static_cast<double>(pool_.used()); });
    registry_.add_callback_gauge(
        {"httvps_gateway_log_lines_dropped", "Log lines that could not be written."},
        [this] { return static_cast<double>(sink_.dropped_lines()); });
    HTTVPS_TRY(auto place, net::parse_endpoint(settings_.metrics_listen));
    HTTVPS_TRY(auto opened,
               net::http_server::open(context_.get_executor(), {.listen = {.place = place}},
                                      [this](net::http_request request) {
                                        return answer_metrics(std::move(request));
                                      }));
    metrics_ = std::make_unique<net::http_server>(std::move(opened));
    return {};
  }

  net::asio::awaitable<net::http_response> answer_metrics(net::http_request request) {
    net::http_response response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4");
    if (request.target == "/metrics") {
      response.body = registry_.expose();
    } else if (request.target == "/healthz") {
      response.body = "ok\n";
    } else if (request.target == "/readyz") {
      response.status = is_serving() ? 200 : 503;
      response.body = readiness();
    } else {
      response.status = 404;
    }
    co_return response;
  }

  bool is_serving() const noexcept {
    return ready_ && standing_.is_approved() && duty_->phase() == service_phase::serving;
  }

  std::string_view readiness() const noexcept {
    if (!ready_) {
      return "not ready\n";
    }
    return standing_.is_approved() && !is_serving() ? "drains\n" : standing_.readiness();
  }

  std::vector<worker*> all_workers() const {
    std::vector<worker*> workers;
    workers.reserve(workers_.size());
    for (const auto& each : workers_) {
      workers.push_back(each.get());
    }
    return workers;
  }

  void make_membership() {
    membership_parts parts{.settings = settings_,
                           .control = *control_,
                           .standing = standing_,
                           .state = *state_,
                           .log = log_,
                           .own_key = box_key_->public_part().to_base64url(),
                           .place = place_,
                           .workers = all_workers(),
                           .follow = [this](service_order order) { duty_->follow(order); }};
    membership_ = std::make_unique<membership_desk>(std::move(parts));
  }

  void make_duty() {
    duty_ = std::make_unique<drain_duty>(
        context_.get_executor(),
        drain_parts{
            .control = *control_, .log = log_, .workers = all_workers(), .limit = settings_.drain});
  }

  void note_refusal(const base::error& why) {
    standing_.note_refusal(why);
    if (standing_.is_disabled()) {
      duty_->follow(service_order::stop);
    }
  }

  void make_reporters() {
    std::vector<usage_source*> sources;
    std::vector<outcome_source*> watchers;
    sources.reserve(sources_.size());
    for (const auto& each : sources_) {
      sources.push_back(each.get());
      watchers.push_back(each.get());
    }
    reporter_parts parts{.control = *control_,
                         .spool = *spool_,
                         .disk = disk_,
                         .random = base::secure_random(),
                         .probe = probe_,
                         .log = log_.for_module("usage"),
                         .sources = std::move(sources),
                         .times = {.sync = settings_.usage_sync,
                                   .report = settings_.usage_interval,
                                   .retry_most = settings_.usage_retry}};
    reporter_ = std::make_unique<usage_reporter>(context_.get_executor(), std::move(parts));
    outcomes_ = std::make_unique<outcome_reporter>(*control_, log_.for_module("outcomes"),
                                                   std::move(watchers));
    session_reporter_parts told{
        .control = *control_,
        .log = log_.for_module("sessions"),
        .roll = roll_,
        .recalled = registry_.add_counter(
            {"httvps_gateway_sessions_recalled_total",
             "Sessions ended because their device opened others at other gateways."}),
        .end_session = [this](std::uint64_t number) { end_session(number); },
        .interval = settings_.heartbeat_interval};
    sessions_ = std::make_unique<session_reporter>(std::move(told));
  }

  void make_followers() {
    config_watch_parts followed{
        .control = *control_,
        .log = log_.for_module("config"),
        .take = [this](published_config config) { return follow_config(std::move(config)); },
        .refused = [this](const base::error& why) { note_refusal(why); }};
    config_ = std::make_unique<config_watch>(context_.get_executor(), std::move(followed));
    credential_keeper_parts renewing{.control = *control_,
                                     .clock = base::real_clock(),
                                     .log = log_.for_module("credential"),
                                     .registry = registry_,
                                     .state_dir = settings_.state_dir,
                                     .member = membership_->held(),
                                     .spread = [this] { spread_credential(); }};
    credentials_ = std::make_unique<credential_keeper>(std::move(renewing));
    placer_ = std::make_unique<place_reporter>(place_reporter_parts{
        .control = *control_, .log = log_.for_module("place"), .place = place_});
  }

  net::task<> live() {
    auto joined = co_await membership_->become_member();
    if (!joined) {
      finish(std::unexpected(joined.error()));
      co_return joined;
    }
    if (const auto written =
            write_address_file(settings_.address_file, public_place_, metrics_->local());
        !written) {
      finish(written);
      co_return written;
    }
    ready_ = true;
    log_.info("gateway_ready", {{"node_id", membership_->held().gateway_id},
                                {"listen", net::to_text(public_place_)}});
    make_reporters();
    make_followers();
    give_back_start_memory();
    static_cast<void>(scope_.spawn(beat()));
    config_->start();
    static_cast<void>(scope_.spawn(placer_->run()));
    static_cast<void>(scope_.spawn(allowances_->run()));
    static_cast<void>(scope_.spawn(reporter_->keep()));
    static_cast<void>(scope_.spawn(reporter_->send()));
    static_cast<void>(scope_.spawn(outcomes_->run()));
    static_cast<void>(scope_.spawn(sessions_->run()));
    static_cast<void>(scope_.spawn(state_->run()));
    co_return base::result<void>();
  }

  net::task<> follow_config(published_config config) {
    if (const auto taken = co_await membership_->take_config(std::move(config)); !taken) {
      last_error_ = base::label_of(taken.error());
      log_.error("key_set_refused", {{"outcome", taken.error()}});
    }
    co_return base::result<void>();
  }

  void spread_credential() {
    const auto& credential = membership_->held().credential;
    control_->use_credential(credential);
    for (auto& each : workers_) {
      net::asio::post(each->executor(),
                      [raw = each.get(), credential] { raw->use_credential(credential); });
    }
  }

  heartbeat make_heartbeat() const {
    const auto load = read_machine_load();
    const auto up = base::real_clock().steady_now() - started_;
    return {.gateway_id = membership_->held().gateway_id,
            .region = settings_.region,
            .uptime_seconds = static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::seconds>(up).count()),
            .active_sessions = static_cast<std::uint64_t>(probe_.sessions.value()),
            .cpu_load = load.cpu,
            .mem_load = load.memory,
            .bytes_up = probe_.bytes_up.value(),
            .bytes_down = probe_.bytes_down.value(),
            .last_error = last_error_,
            .timestamp = base::to_rfc3339(base::real_clock().system_now()),
            .phase = duty_->phase()};
  }

  net::task<> beat() {
    while (!leaving_) {
      const auto answer = co_await control_->send_heartbeat(make_heartbeat());
      if (answer) {
        co_await note_answer(*answer);
      } else {
        co_await note_failure(answer.error());
      }
      const base::duration rest =
          standing_.is_disabled()
              ? std::max<base::duration>(settings_.heartbeat_interval, disabled_heartbeat_pause)
              : settings_.heartbeat_interval;
      co_await net::sleep_until(base::real_clock().steady_now() + rest);
    }
    co_return base::result<void>();
  }

  net::task<> note_answer(heartbeat_answer answer) {
    state_->note_contact();
    const auto heard = base::real_clock().steady_now();
    for (auto& each : workers_) {
      net::asio::post(each->executor(), [raw = each.get(), heard] { raw->note_backend(heard); });
    }
    if (const auto order = terms_.take(answer.terms_version, answer.terms_changed)) {
      const auto shared = std::make_shared<const recheck_order>(*order);
      for (auto& each : workers_) {
        net::asio::post(each->executor(), [raw = each.get(), shared] { raw->recheck(*shared); });
      }
    }
    credentials_->note_accepted();
    if (membership_->is_behind(answer)) {
      co_await note(membership_->refresh_config());
    }
    if (!handing_on_ && !leaving_) {
      co_await credentials_->follow(answer);
    }
    co_return base::result<void>();
  }

  net::task<> note(net::task<> work) {
    const auto done = co_await std::move(work);
    if (!done) {
      last_error_ = base::label_of(done.error());
      log_.warn("config_not_refreshed", {{"outcome", done.error()}});
    }
    co_return done;
  }

  net::task<> note_failure(base::error failure) {
    last_error_ = base::label_of(failure);
    note_refusal(failure);
    if (failure == control_errc::gateway_pending || failure == control_errc::gateway_disabled) {
      co_return base::result<void>();
    }
    log_.warn("heartbeat_failed", {{"outcome", failure}});
    if (says_credential_is_bad(failure) && !credentials_->try_another()) {
      co_await note(membership_->join_again());
    }
    co_return base::result<void>();
  }

  net::task<> leave_when_told() {
    co_await signals_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
    if (reporter_) {
      if (!leaving_) {
        static_cast<void>(scope_.spawn(shut_down()));
      }
      co_await signals_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
    }
    log_.info("gateway_stopped_at_once");
    finish({});
    co_return base::result<void>();
  }

  net::task<> hand_on_when_told() {
    while (!leaving_) {
      co_await upgrade_signal_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
      if (reporter_ && !leaving_) {
        co_return co_await hand_on();
      }
      log_.warn("too_early_to_hand_on");
    }
    co_return base::result<void>();
  }

  net::task<> hand_on() {
    ready_ = false;
    handing_on_ = true;
    membership_->leave_to_successor();
    placer_->stop();
    state_->stop();
    config_->stop();
    duty_->cancel();
    for (auto& each : workers_) {
      co_await net::asio::co_spawn(each->executor(), each->stop_listening(),
                                   net::asio::use_awaitable);
    }
    log_.info("gateway_handing_on", {{"limit_ms", settings_.upgrade_limit.count()}});
    const auto until = base::real_clock().steady_now() + settings_.upgrade_limit;
    net::scope staying(context_.get_executor());
    for (auto& each : workers_) {
      static_cast<void>(staying.spawn(hand_on(each.get(), until)));
    }
    co_await staying.join();
    if (!leaving_) {
      co_return co_await shut_down();
    }
    co_return base::result<void>();
  }

  net::task<> hand_on(worker* each, base::steady_time until) {
    auto work = each->hand_on(until);
    co_return co_await net::asio::co_spawn(each->executor(), std::move(work),
                                           net::asio::use_awaitable);
  }

  net::task<> shut_down() {
    leaving_ = true;
    ready_ = false;
    config_->stop();
    duty_->cancel();
    log_.info("gateway_draining", {{"limit_ms", settings_.drain.count()}});
    net::scope draining(context_.get_executor());
    for (auto& each : workers_) {
      static_cast<void>(draining.spawn(drain(each.get())));
    }
    co_await draining.join();
    const auto settled =
        co_await reporter_->settle(base::real_clock().steady_now() + last_report_limit);
    if (!settled) {
      log_.warn("usage_left_unreported", {{"outcome", settled.error()}});
    }
    if (!handing_on_) {
      static_cast<void>(co_await state_->settle());
    }
    log_.info("gateway_stopped");
    finish({});
    co_return base::result<void>();
  }

  net::task<> drain(worker* each) {
    auto work = each->drain(settings_.drain);
    co_return co_await net::asio::co_spawn(each->executor(), std::move(work),
                                           net::asio::use_awaitable);
  }

  void end_session(std::uint64_t number) {
    auto& owner = workers_[number >> session_number_bits];
    net::asio::post(owner->executor(), [raw = owner.get(), number] {
      raw->end_session(number, wire::errc::session_limit);
    });
  }

  void hand_over(std::uint64_t number, newcomer who) {
    auto& owner = workers_[number >> session_number_bits];
    if (const auto moved = who.carrier.link->stream().move_to(owner->executor()); !moved) {
      log_.warn("carrier_not_handed_over", {{"outcome", moved.error()}});
      return;
    }
    probe_.carriers_handed_over.add();
    net::asio::post(owner->executor(), [raw = owner.get(), who = std::move(who)]() mutable {
      raw->take_in(std::move(who));
    });
  }

  void finish(base::result<void> outcome) {
    outcome_ = outcome;
    context_.stop();
  }

  const gateway_settings& settings_;
  base::log_sink& sink_;
  base::logger log_;
  net::asio::io_context context_{1};
  base::metric_registry registry_;
  gateway_probe probe_;
  recognition_probe recognitions_;
  base::slab_pool pool_;
  validation_cache validated_;
  grant_memory grants_;
  session_roll roll_{base::secure_random()};
  process_directory directory_;
  local_neighbours nearby_;
  net::asio::signal_set signals_;
  net::asio::signal_set upgrade_signal_;
  net::scope scope_;
  std::unique_ptr<identity::box_key> box_key_;
  std::unique_ptr<control_plane> control_;
  std::unique_ptr<allowance_desk> allowances_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::unique_ptr<worker_usage>> sources_;
  std::unique_ptr<usage_spool> spool_;
  net::blocking_pool disk_{{.threads = 1}};
  std::unique_ptr<usage_reporter> reporter_;
  std::unique_ptr<outcome_reporter> outcomes_;
  std::unique_ptr<session_reporter> sessions_;
  std::unique_ptr<config_watch> config_;
  std::unique_ptr<credential_keeper> credentials_;
  std::unique_ptr<place_reporter> placer_;
  std::unique_ptr<drain_duty> duty_;
  std::unique_ptr<net::http_server> metrics_;
  std::unique_ptr<local_door> local_door_;
  gateway_standing standing_{log_};
  std::unique_ptr<state_keeper> state_;
  std::unique_ptr<membership_desk> membership_;
  net::endpoint public_place_;
  gateway_place place_;
  wire::process_epoch epoch_{};
  base::steady_time started_ = base::real_clock().steady_now();
  change_memory terms_;
  std::string last_error_;
  base::result<void> outcome_;
  bool ready_ = false;
  bool leaving_ = false;
  bool handing_on_ = false;
};

}

base::result<void> run_gateway(const gateway_settings& settings, base::log_sink& sink) {
  gateway_process process(settings, sink);
  return process.run();
}

}
