#include "httvps/sdk/session_link.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

constexpr auto least_timer_step = std::chrono::milliseconds(1);
constexpr auto blocked_timer_step = std::chrono::milliseconds(100);
constexpr std::uint16_t normal_closure = 1000;

}

std::shared_ptr<session_link> session_link::make(const net::executor& runs_on,
                                                 const session_link_options& chosen) {
  return std::shared_ptr<session_link>(new session_link(runs_on, chosen));
}

session_link::session_link(const net::executor& runs_on, const session_link_options& chosen)
    : runs_on_(runs_on),
      clock_(chosen.clock),
      pool_(chosen.pool),
      watcher_(chosen.watcher),
      session_(
          {.role = wire::role::client, .id = chosen.random.take<16>(), .limits = chosen.limits},
          *pool_, chosen.random),
      timer_(runs_on),
      writable_(runs_on),
      tasks_(runs_on) {}

base::result<stream_port> session_link::open(wire::target where, stream_handler& handler) {
  if (closed_) {
    return base::fail(wire::errc::session_gone);
  }
  HTTVPS_TRY(const auto stream, session_.open(std::move(where), {}, clock_.steady_now()));
  handlers_.emplace(stream, listener{.handler = &handler});
  schedule_pump();
  return stream_port(shared_from_this(), stream);
}

base::result<> session_link::attach(std::unique_ptr<net::carrier_link> carrier) {
  HTTVPS_CHECK(session_.attach({.carrier = number_}, clock_.steady_now()));
  carrier_ = std::move(carrier);
  HTTVPS_CHECK(tasks_.spawn(read_loop(shared_from_this())));
  HTTVPS_CHECK(tasks_.spawn(write_loop(shared_from_this())));
  pump();
  return {};
}

void session_link::fail(wire::errc reason) {
  session_.end(reason);
  schedule_pump();
}

session_facts session_link::facts() const {
  return {.open_streams = session_.open_streams(),
          .counters = session_.counters(),
          .round_trip = session_.round_trip(),
          .carrier_traffic = carrier_ ? carrier_->stream().ciphertext_traffic() : net::traffic{}};
}

std::size_t session_link::on_data(wire::stream_id stream, base::byte_view payload) {
  const auto found = handlers_.find(stream);
  return found == handlers_.end() ? payload.size() : found->second.handler->on_data(payload);
}

base::result<> session_link::receive_once() {
  base::result<> parsed;
  const auto now = clock_.steady_now();
  const auto state = carrier_->receive([&](base::byte_view bytes) {
    if (parsed) {
      parsed = session_.receive(number_, bytes, *this, now);
    }
  });
  pump();
  if (!parsed || !state) {
    return base::fail(parsed ? state.error() : parsed.error());
  }
  if (*state == net::link_state::closed) {
    return base::fail(net::errc::connection_closed);
  }
  return {};
}

net::task<> session_link::read_loop(std::shared_ptr<session_link> self) {
  base::result<> outcome;
  while (outcome && !self->closed_) {
    outcome = co_await self->carrier_->wait_readable(net::no_deadline);
    if (outcome) {
      outcome = self->receive_once();
    }
  }
  if (!outcome && outcome.error() != net::errc::cancelled) {
    self->lose(outcome.error());
  }
  co_return outcome;
}

net::task<> session_link::write_loop(std::shared_ptr<session_link> self) {
  while (!self->closed_) {
    HTTVPS_CO_CHECK(co_await self->writable_.wait(net::no_deadline));
    if (self->write_blocked_) {
      HTTVPS_CO_CHECK(co_await self->carrier_->stream().wait_writable(net::no_deadline));
      self->write_blocked_ = false;
      self->pump();
    }
  }
  co_return base::result<>();
}

void session_link::schedule_pump() {
  if (std::exchange(pump_scheduled_, true)) {
    return;
  }
  boost::asio::post(runs_on_, [self = shared_from_this()] {
    self->pump_scheduled_ = false;
    self->pump();
  });
}

void session_link::pump() {
  dispatch_events();
  send_output();
  arm_timer();
}

void session_link::dispatch_events() {
  while (const auto event = session_.poll_event()) {
    dispatch(*event);
  }
}

void session_link::dispatch(const wire::session_event& event) {
  if (const auto* broken = std::get_if<wire::stream_reset>(&event)) {
    tell_failed(*broken);
  } else if (const auto* done = std::get_if<wire::stream_finished>(&event)) {
    tell_finished(done->stream);
  } else if (const auto* halted = std::get_if<wire::stream_stopped>(&event)) {
    tell_stopped(*halted);
  } else if (const auto* room = std::get_if<wire::stream_writable>(&event)) {
    tell(room->stream, {.kind = stream_change_kind::writable});
  } else if (const auto* silent = std::get_if<wire::carrier_failed>(&event)) {
    lose(silent->code);
  } else if (const auto* ended = std::get_if<wire::session_ended>(&event)) {
    loss_ = loss_ ? loss_ : base::error(ended->code);
    close_down();
  } else if (watcher_ != nullptr) {
    watcher_->on_session_event(event);
  }
}

void session_link::tell(wire::stream_id stream, const stream_change& change) {
  const auto found = handlers_.find(stream);
  if (found != handlers_.end()) {
    found->second.handler->on_change(change);
  }
}

void session_link::tell_finished(wire::stream_id stream) {
  const auto found = handlers_.find(stream);
  if (found != handlers_.end()) {
    found->second.finished_there = true;
    found->second.handler->on_change({.kind = stream_change_kind::finished});
  }
}

void session_link::tell_stopped(const wire::stream_stopped& halted) {
  const auto found = handlers_.find(halted.stream);
  if (found != handlers_.end()) {
    found->second.finished_here = true;
    found->second.handler->on_change({.kind = stream_change_kind::stopped, .reason = halted.code});
  }
}

void session_link::tell_failed(const wire::stream_reset& broken) {
  const auto found = handlers_.find(broken.stream);
  if (found != handlers_.end()) {
    auto* handler = found->second.handler;
    handlers_.erase(found);
    handler->on_change({.kind = stream_change_kind::failed, .reason = broken.code});
  }
  if (watcher_ != nullptr) {
    watcher_->on_session_event(broken);
  }
}

void session_link::send_output() {
  if (!carrier_ || write_blocked_ || !carrier_->stream().socket().is_open()) {
    return;
  }
  const auto now = clock_.steady_now();
  if (!carrier_->stream().has_backlog() && !session_.has_output(number_, now)) {
    return;
  }
  const auto sent =
      carrier_->send([&](base::byte_span out) { return session_.produce(number_, out, now); });
  if (!sent) {
    lose(sent.error());
  } else if (*sent == net::send_state::blocked) {
    write_blocked_ = true;
    writable_.notify();
  } else if (*sent == net::send_state::has_more) {
    schedule_pump();
  }
}

void session_link::arm_timer() {
  const auto wanted = session_.deadline();
  if (!wanted || *wanted >= armed_for_ || closed_) {
    return;
  }
  const auto step = write_blocked_ ? base::duration(blocked_timer_step) : least_timer_step;
  armed_for_ = std::max(*wanted, clock_.steady_now() + step);
  timer_.expires_at(armed_for_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (!failure && self) {
      self->on_timer();
    }
  });
}

void session_link::on_timer() {
  armed_for_ = net::no_deadline;
  session_.tick(clock_.steady_now());
  pump();
}

void session_link::lose(const base::error& reason) {
  if (closed_) {
    return;
  }
  loss_ = loss_ ? loss_ : reason;
  session_.detach(number_, clock_.steady_now());
  session_.end(wire::errc::carrier_lost);
  dispatch_events();
}

void session_link::close_down() {
  if (std::exchange(closed_, true)) {
    return;
  }
  timer_.cancel();
  writable_.notify();
  send_output();
  if (carrier_) {
    carrier_->stream().socket().close_now();
  }
  if (auto* watcher = std::exchange(watcher_, nullptr)) {
    watcher->on_session_closed(loss_);
  }
}

net::task<> session_link::close(base::steady_time deadline) {
  return shut(shared_from_this(), deadline);
}

net::task<> session_link::shut(std::shared_ptr<session_link> self, base::steady_time deadline) {
  self->watcher_ = nullptr;
  if (std::exchange(self->closed_, true)) {
    co_return base::result<>();
  }
  self->timer_.cancel();
  self->session_.end(wire::errc::cancelled);
  self->pump();
  if (!self->carrier_) {
    co_return base::result<>();
  }
  self->tasks_.cancel();
  HTTVPS_CO_CHECK(co_await self->tasks_.join(deadline));
  co_return co_await self->carrier_->close(normal_closure, deadline);
}

void session_link::finish_stream(wire::stream_id stream) {
  const auto found = handlers_.find(stream);
  if (found == handlers_.end() || std::exchange(found->second.finished_here, true)) {
    return;
  }
  session_.finish(stream, clock_.steady_now());
  schedule_pump();
}

void session_link::stop_stream(wire::stream_id stream, wire::errc code) {
  const auto found = handlers_.find(stream);
  if (found != handlers_.end()) {
    found->second.finished_there = true;
    session_.stop(stream, code, clock_.steady_now());
    schedule_pump();
  }
}

void session_link::release_stream(wire::stream_id stream) {
  const auto found = handlers_.find(stream);
  if (found == handlers_.end()) {
    return;
  }
  if (found->second.finished_here && found->second.finished_there) {
    handlers_.erase(found);
    return;
  }
  reset_stream(stream, wire::errc::cancelled);
}

void session_link::reset_stream(wire::stream_id stream, wire::errc code) {
  if (handlers_.erase(stream) > 0) {
    session_.reset(stream, code);
    schedule_pump();
  }
}

}
