#include "httvps/sdk/session_link.hpp"

#include <utility>

#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

carriage::session_parts parts_for(const net::executor& runs_on,
                                  const session_link_options& chosen) {
  return {.runs_on = runs_on,
          .clock = chosen.clock,
          .random = chosen.random,
          .pool = *chosen.pool,
          .options = {.role = wire::role::client,
                      .id = chosen.random.take<16>(),
                      .limits = chosen.limits},
          .kept_alive = chosen.pool};
}

}

struct link_event_handler {
  session_link& link;

  void operator()(const wire::stream_reset& broken) const { link.tell_failed(broken); }
  void operator()(const wire::stream_finished& done) const { link.tell_finished(done.stream); }
  void operator()(const wire::stream_stopped& halted) const { link.tell_stopped(halted); }
  void operator()(const wire::stream_writable& room) const {
    link.tell(room.stream, {.kind = stream_change_kind::writable});
  }
  void operator()(const wire::session_ended& ended) const { link.close_down(ended.code); }
  template <typename Other>
  void operator()(const Other& other) const {
    if (link.watcher_ != nullptr) {
      link.watcher_->on_session_event(other);
    }
  }
};

std::shared_ptr<session_link> session_link::make(const net::executor& runs_on,
                                                 const session_link_options& chosen) {
  return std::shared_ptr<session_link>(new session_link(runs_on, chosen));
}

session_link::session_link(const net::executor& runs_on, const session_link_options& chosen)
    : carried_session(parts_for(runs_on, chosen)),
      watcher_(chosen.watcher),
      datagrams_(chosen.datagrams) {}

base::result<stream_port> session_link::open(wire::target where, stream_handler& handler) {
  if (closed_) {
    return base::fail(wire::errc::session_gone);
  }
  HTTVPS_TRY(const auto stream, session().open(std::move(where), {}, now()));
  handlers_.emplace(stream, listener{.handler = &handler});
  progress_soon();
  auto self = std::static_pointer_cast<session_link>(shared_from_this());
  return stream_port(std::move(self), stream);
}

base::result<wire::carrier_number> session_link::attach_carrier(
    std::unique_ptr<net::carrier_link> carrier, base::byte_count down_budget,
    std::shared_ptr<void> place) {
  const wire::carrier_number number{++last_number_};
  carriage::carrier_arrival arrival{.link = std::move(carrier),
                                    .how = {.carrier = number, .down_budget = down_budget}};
  places_[number] = std::move(place);
  if (const auto attached = attach(arrival); !attached) {
    places_.erase(number);
    return base::fail(attached.error());
  }
  flush_now();
  return number;
}

session_facts session_link::facts() const {
  return {.open_streams = session().open_streams(),
          .counters = session().counters(),
          .round_trip = session().round_trip(),
          .carriers = session().carriers()};
}

std::size_t session_link::on_data(wire::stream_id stream, base::byte_view payload) {
  const auto found = handlers_.find(stream);
  return found == handlers_.end() ? payload.size() : found->second.handler->on_data(payload);
}

void session_link::on_datagram(const wire::datagram_frame& datagram) {
  if (datagrams_) {
    datagrams_->on_datagram(datagram);
  }
}

bool session_link::send_datagram(const wire::datagram_frame& datagram) {
  const bool queued = session().send_datagram(datagram, now());
  if (queued) {
    progress_soon();
  }
  return queued;
}

void session_link::on_event(const wire::session_event& event) {
  std::visit(link_event_handler{*this}, event);
}

void session_link::on_carrier_end(const carriage::carrier_end& ended) {
  loss_ = ended.reason ? ended.reason : loss_;
  if (watcher_ != nullptr) {
    watcher_->on_carrier_ended(ended);
  }
}

void session_link::on_carrier_closed(wire::carrier_number number) {
  places_.erase(number);
  if (watcher_ != nullptr) {
    watcher_->on_carrier_closed(number);
  }
}

void session_link::on_violation(const base::error& failure) {
  loss_ = failure;
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

void session_link::close_down(const base::error& reason) {
  if (std::exchange(closed_, true)) {
    return;
  }
  const bool lost = reason == wire::errc::carrier_lost && loss_;
  if (auto* watcher = std::exchange(watcher_, nullptr)) {
    watcher->on_session_closed(lost ? loss_ : reason);
  }
}

net::task<> session_link::close(base::steady_time deadline) {
  watcher_ = nullptr;
  finish(wire::errc::cancelled);
  return join(deadline);
}

void session_link::finish_stream(wire::stream_id stream) {
  const auto found = handlers_.find(stream);
  if (found == handlers_.end() || std::exchange(found->second.finished_here, true)) {
    return;
  }
  session().finish(stream, now());
  progress_soon();
}

void session_link::stop_stream(wire::stream_id stream, wire::errc code) {
  const auto found = handlers_.find(stream);
  if (found != handlers_.end()) {
    found->second.finished_there = true;
    session().stop(stream, code, now());
    progress_soon();
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
    session().reset(stream, code);
    progress_soon();
  }
}

}
