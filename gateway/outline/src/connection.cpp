#include "httvps/gateway/outline/connection.hpp"

#include <utility>

#include "connection_state.hpp"

namespace httvps::gateway {

base::error node_failure_of(const base::error& failure) noexcept {
  if (failure == net::errc::connect_refused) {
    return outline_errc::node_refused;
  }
  if (failure == net::errc::timed_out) {
    return outline_errc::node_timed_out;
  }
  if (failure == net::errc::resolve_failed) {
    return outline_errc::node_unresolved;
  }
  if (failure == net::errc::unreachable) {
    return outline_errc::node_unreachable;
  }
  if (failure == net::errc::connection_reset || failure == net::errc::connection_closed) {
    return outline_errc::node_connection_lost;
  }
  return failure;
}

base::error node_connection::state::stream_failure_of(const base::error& failure) const noexcept {
  const auto named = node_failure_of(failure);
  const bool is_unanswered = sending != sending_state::dialling && traffic.down == 0;
  return is_unanswered && named == outline_errc::node_connection_lost
             ? outline_errc::target_unreachable_or_closed
             : named;
}

node_connection::node_connection(std::shared_ptr<state> shared) noexcept
    : state_(std::move(shared)) {}

node_connection::node_connection(node_connection&&) noexcept = default;

node_connection& node_connection::operator=(node_connection&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}

node_connection::~node_connection() {
  close();
}

base::result<std::size_t> node_connection::send_from(payload_source& source) {
  return state_->send_from(source);
}

base::result<> node_connection::flush() {
  return state_->flush();
}

bool node_connection::has_backlog() const noexcept {
  return !state_->backlog.empty();
}

net::task<> node_connection::wait_writable(base::steady_time deadline) {
  return state_->parts.socket.wait_writable(deadline);
}

base::result<> node_connection::shutdown_send() {
  return state_->shutdown_send();
}

net::task<> node_connection::wait_readable(base::steady_time deadline) {
  return state_->parts.socket.wait_readable(deadline);
}

base::result<receive_state> node_connection::receive(payload_sink& sink, std::size_t limit) {
  return state_->receive(sink, limit);
}

std::size_t node_connection::wanted_room() const noexcept {
  return state_->parts.decryptor.next_payload_size();
}

const std::string& node_connection::node_id() const noexcept {
  return state_->parts.node->id();
}

node_traffic node_connection::traffic() const noexcept {
  return state_->traffic;
}

std::size_t node_connection::owned_bytes() const noexcept {
  return state_->backlog.size() + state_->unread.size() + state_->parts.decryptor.owned_bytes();
}

void node_connection::close() noexcept {
  if (state_) {
    state_->stop_timer();
    state_->parts.socket.close_now();
  }
}

void node_connection::reset() noexcept {
  if (state_) {
    state_->stop_timer();
    state_->parts.socket.reset();
  }
}

}
