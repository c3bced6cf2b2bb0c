#include "httvps/gateway/app/worker.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "httvps/base/encoding.hpp"

namespace httvps::gateway {
namespace {

constexpr std::chrono::seconds canary_interval{10};
constexpr std::chrono::seconds canary_limit{5};
constexpr std::size_t revocations_most = 100'000;

base::result<net::http_client> backend_client(const net::executor& runs_on,
                                              const std::string& url) {
  HTTVPS_TRY(auto origin, net::parse_origin(url));
  net::http_client_options chosen{.origin = std::move(origin)};
  if (chosen.origin.scheme == net::http_scheme::https) {
    HTTVPS_TRY(auto tls, net::tls_context::make_client({}));
    chosen.tls = std::move(tls);
  }
  return net::http_client::make(runs_on, std::move(chosen));
}

std::size_t share_of(std::size_t total, std::size_t threads) {
  return std::max(std::size_t{1}, total / threads);
}

dialer_plan dialer_plan_of(const worker_plan& plan) {
  const auto most = plan.settings.predial;
  const predial_meter meter{.hits = plan.probe.predial_hits,
                            .misses = plan.probe.predial_misses,
                            .expired = plan.probe.predial_expired,
                            .lost = plan.probe.predial_lost,
                            .idle = plan.probe.predial_idle};
  const predial_settings ahead{.most = most == 0 ? 0 : share_of(most, plan.settings.threads)};
  return {.ahead = {.settings = ahead, .meter = meter}, .engine = plan.engine};
}

validation_meter meter_of(const gateway_probe& probe) {
  return {.alone = probe.validations_alone,
          .together = probe.validations_together,
          .refused = probe.validations_regrouped,
          .waiting = probe.validations_waiting};
}

datagram_engine_parts datagrams_of(const worker_plan& plan) {
  return {.clock = base::real_clock(),
          .random = base::secure_random(),
          .limits = {.flows = share_of(plan.settings.flows, plan.settings.threads),
                     .flows_of_session = plan.settings.session_flows},
          .meter = {.packets_up = plan.probe.datagrams_up,
                    .packets_down = plan.probe.datagrams_down,
                    .dropped = plan.probe.datagrams_dropped,
                    .flows = plan.probe.flows},
          .engine = plan.engine};
}

}

worker::worker(worker_plan plan)
    : plan_(std::move(plan)),
      usage_(plan_.settings.usage_memory / plan_.settings.threads),
      dialer_(base::real_clock(), base::secure_random(), dialer_plan_of(plan_)),
      datagrams_(datagrams_of(plan_)),
      places_({.most = share_of(plan_.settings.streams, plan_.settings.threads),
               .most_of_one_device = plan_.settings.device_streams}),
      revoked_(revocations_most),
      context_(1),
      work_(net::asio::make_work_guard(context_)),
      rotation_(context_.get_executor()),
      scope_(context_.get_executor()) {}

worker::~worker() {
  try {
    stop();
  } catch (...) {
    std::terminate();
  }
}

void worker::furnish() {
  validations_ = std::make_unique<validation_line>(validation_line_parts{
      .runs_on = context_.get_executor(),
      .clock = base::real_clock(),
      .control = *control_,
      .spawn = [this](net::task<> work) { return scope_.spawn(std::move(work)); },
      .meter = meter_of(plan_.probe)});
  desk_ = std::make_unique<admission_desk>(admission_parts{
      .environment = *environment_,
      .sessions = sessions_,
      .directory = plan_.directory,
      .nearby = plan_.nearby,
      .judging = {.environment = *environment_,
                  .directory = plan_.directory,
                  .validated = plan_.validated,
                  .grants = plan_.grants,
                  .revoked = revoked_,
                  .allowances = plan_.allowances,
                  .validations = *validations_,
                  .region = plan_.settings.region},
      .spawn = [this](net::task<> work) { return scope_.spawn(std::move(work)); },
      .waiting_most = share_of(plan_.settings.waiting_carriers, plan_.settings.threads),
      .greeting_limit = plan_.settings.handshake_timeout,
      .number_base = std::uint64_t{plan_.index} << session_number_bits});
  door_ = std::make_unique<front_door>(front_door_parts{
      .clock = base::real_clock(),
      .tls = plan_.tls,
      .desk = *desk_,
      .probe = plan_.probe,
      .recognitions = plan_.recognitions,
      .connections_most = share_of(plan_.settings.connections, plan_.settings.threads),
      .strangers_most = share_of(plan_.settings.site_connections, plan_.settings.threads),
      .handshake_limit = plan_.settings.handshake_timeout,
      .head_limit = plan_.settings.head_timeout});
}

base::result<net::endpoint> worker::listen(const net::endpoint& place) {
  HTTVPS_TRY(auto client, backend_client(context_.get_executor(), plan_.settings.backend_url));
  control_ = std::make_unique<control_plane>(
      std::move(client), plan_.box_key,
      [probe = &plan_.probe](std::chrono::duration<double> took, const base::error& failure) {
        probe->backend_call_seconds.observe(took.count());
        probe->backend_failures.add(failure ? 1 : 0);
      });
  control_->use_epoch(base::to_hex(plan_.epoch));
  environment_ = std::make_unique<session_environment>(
      session_environment{.runs_on = context_.get_executor(),
                          .clock = base::real_clock(),
                          .random = base::secure_random(),
                          .pool = plan_.pool,
                          .log = plan_.log.for_module("sessions"),
                          .probe = plan_.probe,
                          .usage = usage_,
                          .control = *control_,
                          .dialer = dialer_,
                          .datagrams = datagrams_,
                          .places = places_,
                          .epoch = plan_.epoch,
                          .direct_host = plan_.settings.public_host,
                          .limits = {.carriers = plan_.settings.session_carriers,
                                     .detached_for = plan_.settings.session_grace,
                                     .half_closed_idle = plan_.settings.half_closed_idle}});
  furnish();
  const net::listen_options chosen{.place = place, .sharing = net::port_sharing::reuse_port};
  HTTVPS_TRY(auto opened, net::tcp_listener::open(context_.get_executor(), chosen));
  listener_ = std::make_unique<net::tcp_listener>(std::move(opened));
  return listener_->local();
}

void worker::start() {
  static_cast<void>(scope_.spawn(accept_loop()));
  static_cast<void>(scope_.spawn(watch_nodes()));
  static_cast<void>(scope_.spawn(renew_keys()));
  static_cast<void>(scope_.spawn(desk_->keeper().run()));
  thread_ = std::thread([this] { context_.run(); });
}

void worker::stop() {
  if (!thread_.joinable()) {
    return;
  }
  net::asio::post(context_, [this] {
    listener_->close();
    scope_.cancel();
    work_.reset();
    context_.stop();
  });
  thread_.join();
  door_->forget_leases();
  sessions_.clear();
  dialer_.close_idle();
}

void worker::use(const membership& joined, identity::key_set keys) {
  control_->use_credential(joined.credential);
  own_marks marks{.gateway_id = joined.gateway_id, .path = joined.path, .cookie = joined.cookie};
  recognizer recognise(std::move(marks), {.validated = plan_.validated, .revoked = revoked_});
  door_->use(std::make_shared<const recognition_state>(
      recognition_state{.recognise = std::move(recognise), .keys = std::move(keys)}));
}

void worker::use_credential(const base::secret_bytes& credential) {
  control_->use_credential(credential);
}

void worker::publish(const published_policy& policy) {
  environment_->policy = policy;
  sessions_.for_each([](hosted_session& session) { session.tell_policy(); });
}

void worker::note_backend(base::steady_time heard) {
  door_->note_backend(heard);
}

void worker::end_session(std::uint64_t number, wire::errc code) {
  sessions_.for_each([number, code](hosted_session& session) {
    if (session.terms().number == number) {
      session.end(code);
    }
  });
}

void worker::recheck(const recheck_order& wanted) {
  desk_->keeper().recheck(wanted);
}

void worker::revoke(const std::vector<device_withdrawal>& devices) {
  if (!revoked_.replace(devices)) {
    plan_.log.error("revocations_full", {{"most", revocations_most}});
  }
  sessions_.for_each([this](hosted_session& session) {
    if (const auto how = revoked_.find(session.terms().device_id)) {
      plan_.probe.revocation_ends.add();
      auto why = farewell_at(*how);
      session.end_with_notice(why.code, std::move(why.sentence));
    }
  });
}

void worker::take_in(newcomer who) {
  static_cast<void>(scope_.spawn(desk_->place(std::move(who))));
}

net::task<> worker::accept_loop() {
  constexpr auto pause_when_exhausted = std::chrono::milliseconds(100);
  while (!scope_.is_cancelled()) {
    auto accepted = co_await listener_->accept();
    if (accepted) {
      static_cast<void>(scope_.spawn(door_->serve(std::move(*accepted))));
      continue;
    }
    if (accepted.error() != net::errc::descriptors_exhausted) {
      co_return base::fail(accepted.error());
    }
    plan_.probe.connections_refused.add();
    co_await net::sleep_until(base::real_clock().steady_now() + pause_when_exhausted);
  }
  co_return base::result<void>();
}

net::task<> worker::stop_listening() {
  listener_->close();
  co_return base::result<void>();
}

std::vector<node_outcome> worker::collect_outcomes(std::size_t most) {
  return desk_->nodes().take_outcomes(most);
}

net::task<> worker::watch_nodes() {
  while (!scope_.is_cancelled()) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + canary_interval));
    for (auto& node : desk_->nodes().watched(base::real_clock().steady_now())) {
      const auto deadline = base::real_clock().steady_now() + canary_limit;
      static_cast<void>(scope_.spawn(dialer_.knock(std::move(node), deadline)));
    }
  }
  co_return base::result<void>();
}

}
