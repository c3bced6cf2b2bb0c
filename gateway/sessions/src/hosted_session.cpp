#include "httvps/gateway/sessions/hosted_session.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "control_exchange.hpp"
#include "httvps/base/scope_exit.hpp"
#include "stream_relay.hpp"
#include "violation.hpp"

namespace httvps::gateway {
namespace {

constexpr auto close_limit = std::chrono::seconds(2);
constexpr auto control_carrier_limit = std::chrono::seconds(60);
constexpr std::uint16_t normal_closure = 1000;

wire::session_options options_for(const session_environment& environment,
                                  const session_terms& terms) {
  return {.role = wire::role::gateway,
          .id = terms.id,
          .epoch = environment.epoch,
          .limits = {.carriers = 1, .detached_for = std::chrono::milliseconds(0)},
          .direct_host = environment.direct_host};
}

}

hosted_session::hosted_session(session_environment& environment, session_terms terms)
    : environment_(environment),
      terms_(std::move(terms)),
      session_(options_for(environment, terms_), environment.pool, environment.random),
      scope_(environment.runs_on),
      timer_(environment.runs_on) {}

hosted_session::~hosted_session() = default;

net::task<> hosted_session::run(std::unique_ptr<net::carrier_link> link, wire::attachment how,
                                base::byte_vector early) {
  const auto self = shared_from_this();
  carrier_ = how.carrier;
  link_ = std::move(link);
  HTTVPS_CO_CHECK(session_.attach(std::move(how), now()));
  environment_.probe.sessions_opened.add();
  environment_.probe.sessions.add(1);
  const base::scope_exit counted([this] { environment_.probe.sessions.add(-1); });
  static_cast<void>(scope_.spawn(keep_time()));
  if (terms_.admits == admission::control_only) {
    static_cast<void>(scope_.spawn(close_after(control_carrier_limit)));
  }
  if (const auto accepted = session_.receive(carrier_, early, *this, now()); !accepted) {
    note_failure(accepted.error());
  }
  after_progress();
  const auto outcome = co_await read_until_closed();
  co_await close_down();
  co_return outcome;
}

base::result<net::link_state> hosted_session::receive_once() {
  base::result<void> accepted;
  const auto state = link_->receive([this, &accepted](base::byte_view payload) {
    if (accepted && !session_.ended()) {
      accepted = session_.receive(carrier_, payload, *this, now());
    }
  });
  const auto outcome = accepted ? state : std::unexpected(accepted.error());
  if (!outcome) {
    note_failure(outcome.error());
  }
  return outcome;
}

void hosted_session::note_failure(const base::error& failure) {
  if (is_violation(failure)) {
    environment_.probe.session_errors.add();
    environment_.log.warn("session_failed",
                          {{"device_id", terms_.device_id}, {"outcome", failure}});
  }
}

net::task<> hosted_session::read_until_closed() {
  while (!session_.ended()) {
    const auto ready = co_await link_->wait_readable(net::no_deadline);
    if (!ready) {
      co_return ready;
    }
    const auto state = receive_once();
    after_progress();
    if (!state) {
      co_return base::fail(state.error());
    }
    if (*state == net::link_state::closed) {
      break;
    }
  }
  co_return base::result<void>();
}

net::task<> hosted_session::close_down() {
  flush();
  end_streams();
  if (link_->stream().socket().is_open()) {
    co_await link_->close(normal_closure, now() + close_limit);
  }
  link_->stream().socket().close_now();
  scope_.cancel();
  co_await scope_.join();
  const auto& counters = session_.counters();
  environment_.log.info("session_closed",
                        {{"device_id", terms_.device_id},
                         {"outcome", base::label_of(ended_by_.value_or(wire::errc::carrier_lost))},
                         {"streams", counters.streams_opened}});
  co_return base::result<void>();
}

void hosted_session::end_streams() {
  session_.detach(carrier_, now());
  while (auto event = session_.poll_event()) {
    handle(*event);
  }
  for (auto& [stream, relay] : relays_) {
    relay->abort();
    environment_.probe.streams.add(-1);
  }
  for (auto& [stream, exchange] : exchanges_) {
    exchange->abort();
  }
  relays_.clear();
  exchanges_.clear();
}

net::task<> hosted_session::keep_time() {
  const auto self = shared_from_this();
  while (!session_.ended()) {
    armed_ = session_.deadline().value_or(base::steady_time::max());
    const auto woken = co_await timer_.wait(armed_);
    if (!woken && woken.error() != net::errc::timed_out) {
      break;
    }
    session_.tick(now());
    after_progress();
  }
  co_return base::result<void>();
}

void hosted_session::flush_soon() {
  if (waits_writable_ || std::exchange(flush_posted_, true)) {
    return;
  }
  net::asio::post(environment_.runs_on, [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void hosted_session::flush() {
  if (waits_writable_ || !link_ || !link_->stream().socket().is_open()) {
    return;
  }
  const auto moment = now();
  if (!link_->stream().has_backlog() && !session_.has_output(carrier_, moment)) {
    return;
  }
  const auto sent = link_->send(
      [this, moment](base::byte_span space) { return session_.produce(carrier_, space, moment); });
  if (!sent) {
    link_->stream().socket().close_now();
    return;
  }
  if (*sent == net::send_state::blocked) {
    waits_writable_ = true;
    static_cast<void>(scope_.spawn(flush_when_writable()));
    return;
  }
  if (*sent == net::send_state::has_more) {
    flush_soon();
  }
}

net::task<> hosted_session::flush_when_writable() {
  const auto self = shared_from_this();
  const auto ready = co_await link_->stream().wait_writable(net::no_deadline);
  waits_writable_ = false;
  if (ready) {
    flush();
  }
  co_return ready;
}

void hosted_session::leave(wire::errc code, std::chrono::milliseconds drain) {
  leaving_ = true;
  session_.go_away(code, drain);
  after_progress();
}

void hosted_session::end(wire::errc code) {
  session_.end(code);
  after_progress();
  flush();
  if (link_) {
    static_cast<void>(link_->stream().socket().shutdown_write());
  }
  static_cast<void>(scope_.spawn(close_after(close_limit)));
}

net::task<> hosted_session::close_after(base::duration pause) {
  const auto self = shared_from_this();
  const auto waited = co_await net::sleep_until(now() + pause);
  if (waited && link_) {
    link_->stream().socket().close_now();
  }
  co_return waited;
}

}
