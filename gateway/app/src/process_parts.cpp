#include <filesystem>
#include <utility>

#include "gateway_process.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t control_connections = 5;

}

base::result<void> gateway_process::prepare() {
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

void gateway_process::make_state_keeper() {
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

base::result<void> gateway_process::open_spool() {
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

base::result<void> gateway_process::announce_means() {
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
  registry_.add_callback_gauge({.name = "httvps_gateway_aead_engine",
                                .help = "Engine that seals and opens towards the nodes: always 1.",
                                .labels = {{"engine", name}}},
                               [] { return 1.0; });
  return {};
}

void gateway_process::make_membership() {
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

void gateway_process::make_duty() {
  duty_ = std::make_unique<drain_duty>(
      context_.get_executor(),
      drain_parts{
          .control = *control_, .log = log_, .workers = all_workers(), .limit = settings_.drain});
}

void gateway_process::make_reporters() {
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

void gateway_process::make_followers() {
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
  placer_ = std::make_unique<place_reporter>(
      place_reporter_parts{.control = *control_, .log = log_.for_module("place"), .place = place_});
}

std::vector<worker*> gateway_process::all_workers() const {
  std::vector<worker*> workers;
  workers.reserve(workers_.size());
  for (const auto& each : workers_) {
    workers.push_back(each.get());
  }
  return workers;
}

}
