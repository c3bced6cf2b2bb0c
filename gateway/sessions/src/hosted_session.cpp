#include "httvps/gateway/sessions/hosted_session.hpp"

#include <utility>

#include "control_exchange.hpp"
#include "datagram_bridge.hpp"
#include "stream_relay.hpp"
#include "throttle.hpp"
#include "violation.hpp"

namespace httvps::gateway {
namespace {

constexpr auto control_carrier_limit = std::chrono::seconds(60);

wire::session_limits limits_for(const session_environment& environment,
                                const session_terms& terms) {
  auto limits = environment.limits;
  if (terms.admits == admission::control_only) {
    limits.detached_for = std::chrono::milliseconds(0);
    limits.carriers = 1;
  }
  return limits;
}

carriage::session_parts parts_for(const session_environment& environment,
                                  const session_terms& terms) {
  return {.runs_on = environment.runs_on,
          .clock = environment.clock,
          .random = environment.random,
          .pool = environment.pool,
          .options = {.role = wire::role::gateway,
                      .id = terms.id,
                      .epoch = environment.epoch,
                      .limits = limits_for(environment, terms),
                      .direct_host = environment.direct_host}};
}

net::task<> keep_alive(std::shared_ptr<carriage::carried_session> self, net::task<> work) {
  const auto outcome = co_await std::move(work);
  self.reset();
  co_return outcome;
}

}

hosted_session::hosted_session(session_environment& environment, session_terms terms,
                               session_registrar& registrar)
    : carried_session(parts_for(environment, terms)),
      environment_(environment),
      terms_(std::move(terms)),
      registrar_(registrar),
      throttle_(std::make_unique<throttle>(terms_.allowance, environment.clock)) {
  environment_.probe.sessions_opened.add();
  environment_.probe.sessions.add(1);
}

hosted_session::~hosted_session() = default;

void hosted_session::spawn(net::task<> work) {
  static_cast<void>(tasks().spawn(keep_alive(shared_from_this(), std::move(work))));
}

base::result<> hosted_session::start(carriage::carrier_arrival& first) {
  if (terms_.admits == admission::control_only) {
    static_cast<void>(
        tasks().spawn(drop_carriers_at(weak_from_this(), now() + control_carrier_limit)));
  }
  publish_policy();
  return join(first);
}

base::result<> hosted_session::join(carriage::carrier_arrival& next) {
  HTTVPS_CHECK(attach(next));
  environment_.probe.carriers.add(1);
  environment_.probe.carriers_attached.add();
  note_detached(false);
  return {};
}

void hosted_session::on_carrier_end(const carriage::carrier_end& ended) {
  environment_.probe.carriers.add(-1);
  environment_.probe.carriers_lost.add(ended.reason ? 1 : 0);
  environment_.log.debug("carrier_ended", {{"device_id", terms_.device_id},
                                           {"carrier", static_cast<std::uint64_t>(ended.number)},
                                           {"outcome", ended.reason},
                                           {"repeated", ended.facts.repeated},
                                           {"awaiting_repeat", ended.awaiting_repeat}});
  if (carrier_count() == 0 && !session().ended()) {
    note_detached(true);
  }
}

void hosted_session::note_detached(bool detached) {
  if (std::exchange(detached_, detached) == detached) {
    return;
  }
  environment_.probe.sessions_detached.add(detached ? 1 : -1);
  environment_.probe.sessions_resumed.add(detached ? 0 : 1);
  registrar_.note_attachment(*this);
}

void hosted_session::on_violation(const base::error& failure) {
  if (is_violation(failure)) {
    environment_.probe.session_errors.add();
    environment_.log.warn("session_failed",
                          {{"device_id", terms_.device_id}, {"outcome", failure}});
  }
}

void hosted_session::close_down(wire::errc code) {
  end_streams();
  datagrams_.reset();
  environment_.probe.sessions.add(-1);
  environment_.probe.sessions_detached.add(std::exchange(detached_, false) ? -1 : 0);
  environment_.probe.carriers.add(-static_cast<std::int64_t>(carrier_count()));
  environment_.log.info("session_closed", {{"device_id", terms_.device_id},
                                           {"outcome", base::label_of(code)},
                                           {"streams", session().counters().streams_opened}});
  registrar_.strike_out(*this);
}

void hosted_session::end_streams() {
  const auto relays = std::exchange(relays_, {});
  for (const auto& [stream, relay] : relays) {
    relay->abort();
    environment_.probe.streams.add(-1);
  }
  const auto exchanges = std::exchange(exchanges_, {});
  for (const auto& [stream, exchange] : exchanges) {
    exchange->abort();
  }
}

void hosted_session::leave(wire::errc code, std::chrono::milliseconds drain,
                           std::vector<std::string> successors) {
  session().go_away(code, drain, std::move(successors));
  progress();
}

void hosted_session::end(wire::errc code) {
  finish(code);
}

void hosted_session::end_with_notice(wire::errc code, std::string sentence) {
  session().notify(code, std::move(sentence));
  finish(code);
}

void hosted_session::publish_policy() {
  const auto& policy = environment_.policy;
  if (terms_.admits == admission::everything && policy.version > 0) {
    session().publish_policy(policy.version, policy.document);
  }
}

void hosted_session::tell_policy() {
  publish_policy();
  progress();
}

void hosted_session::take_terms(renewed_terms fresh) {
  terms_.subscription_id = std::move(fresh.subscription_id);
  terms_.plan_id = std::move(fresh.plan_id);
  terms_.ends_at = fresh.ends_at;
  terms_.recheck = fresh.recheck;
  terms_.allowance = std::move(fresh.allowance);
  throttle_->change(terms_.allowance, unsettled());
}

std::size_t hosted_session::unsettled() const {
  std::size_t sum = 0;
  for (const auto& [stream, relay] : relays_) {
    sum += relay->unsettled();
  }
  return sum;
}

void hosted_session::drop_carriers() {
  for (const auto& each : session().carriers()) {
    drop_carrier(each.number, net::errc::timed_out);
  }
}

net::task<> hosted_session::drop_carriers_at(std::weak_ptr<carriage::carried_session> weak,
                                             base::steady_time moment) {
  const auto waited = co_await net::sleep_until(moment);
  if (const auto self = std::static_pointer_cast<hosted_session>(weak.lock()); waited && self) {
    self->drop_carriers();
  }
  co_return waited;
}

}
