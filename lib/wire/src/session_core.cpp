#include "session_core.hpp"

#include <algorithm>

namespace httvps::wire {

session::core::core(session_options options, base::slab_pool& pool, base::random_source& random)
    : options_(std::move(options)),
      pool_(pool),
      random_(random),
      session_window_(options_.limits.session_window),
      session_granted_(options_.limits.session_window) {}

carrier_state* session::core::find_carrier(carrier_number number) noexcept {
  const auto found = std::ranges::find_if(
      carriers_, [number](const auto& each) { return each->number == number; });
  return found == carriers_.end() ? nullptr : found->get();
}

const carrier_state* session::core::find_carrier(carrier_number number) const noexcept {
  return const_cast<core*>(this)->find_carrier(number);
}

bool session::core::take_carrier_number(carrier_number number) {
  const auto wanted = static_cast<std::uint64_t>(number);
  if (wanted > highest_carrier_) {
    const auto shift = wanted - highest_carrier_;
    carrier_bitmap_ = shift >= 64 ? 1 : (carrier_bitmap_ << shift) | 1U;
    highest_carrier_ = wanted;
    return true;
  }
  const auto age = highest_carrier_ - wanted;
  if (age >= 64 || (carrier_bitmap_ >> age & 1U) != 0) {
    return false;
  }
  carrier_bitmap_ |= std::uint64_t{1} << age;
  return true;
}

base::result<void> session::core::attach(attachment how, base::steady_time now) {
  if (ended_) {
    return base::fail(errc::session_gone);
  }
  if (carriers_.size() >= options_.limits.carriers) {
    return base::fail(errc::carrier_limit);
  }
  if (!take_carrier_number(how.carrier)) {
    return base::fail(errc::carrier_number_reused);
  }
  if (how.peer_session_limit) {
    peer_session_limit_ = std::max(peer_session_limit_, *how.peer_session_limit);
  }
  for (const auto& state : how.peer_streams) {
    HTTVPS_CHECK(apply_peer_state(state, now));
  }
  auto carrier = std::make_unique<carrier_state>();
  carrier->number = how.carrier;
  carrier->reader = std::move(how.reader);
  carrier->last_heard = now;
  carrier->heard_greeting = options_.role == role::gateway;
  schedule_keepalive(*carrier, now);
  carriers_.push_back(std::move(carrier));
  detached_since_.reset();
  established_ = established_ || options_.role == role::gateway;
  pin_streams(how.carrier);
  return {};
}

base::result<void> session::core::apply_peer_state(const receive_state& state,
                                                   base::steady_time now) {
  HTTVPS_CHECK(apply_ack({state.stream, state.received}));
  if (auto* each = find(state.stream)) {
    each->sending.raise_limit(state.limit);
    each->last_progress = now;
  }
  return {};
}

void session::core::schedule_keepalive(carrier_state& carrier, base::steady_time now) {
  const auto least = options_.limits.keepalive_least;
  const auto spread = options_.limits.keepalive_most - least;
  const auto extra = random_.below(static_cast<std::uint64_t>(spread.count()) + 1);
  carrier.keepalive_at = now + least + std::chrono::milliseconds(extra);
}

void session::core::pin_streams(carrier_number carrier) {
  for (auto& [id, each] : streams_) {
    if (each.carrier == carrier_number{}) {
      each.carrier = carrier;
      mark_ready(each);
    }
  }
}

void session::core::detach(carrier_number carrier, base::steady_time now) {
  const auto removed =
      std::erase_if(carriers_, [carrier](const auto& each) { return each->number == carrier; });
  if (removed == 0 || ended_) {
    return;
  }
  const auto heir = carriers_.empty() ? carrier_number{} : carriers_.front()->number;
  for (auto& [id, each] : streams_) {
    each.sending.lose(carrier);
    each.stop_due = each.stop_due || (each.stop_sent && !each.receiving.end_state());
    if (each.open_state == stream::opening::sent && each.open_carrier == carrier) {
      each.open_state = stream::opening::unsent;
    }
    if (each.carrier == carrier) {
      each.carrier = heir;
      each.queued = false;
      mark_ready(each);
    }
  }
  outstanding_ping_.reset();
  if (!carriers_.empty()) {
    return;
  }
  detached_since_ = now;
  if (options_.limits.detached_for == std::chrono::milliseconds(0)) {
    end(errc::carrier_lost);
  }
}

stream* session::core::find(stream_id id) noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

const stream* session::core::find(stream_id id) const noexcept {
  return const_cast<core*>(this)->find(id);
}

stream& session::core::create(stream_id id, carrier_number carrier, base::steady_time now) {
  auto& each =
      streams_.try_emplace(id, id, initial_stream_window, initial_stream_window).first->second;
  each.carrier = carrier;
  each.last_progress = now;
  each.last_announcement = now;
  ++counters_.streams_opened;
  return each;
}

void session::core::settle(stream& each) {
  const bool received = each.receiving.complete() && (each.discarding || each.end_reported);
  if (each.sending.done() && received) {
    remove(each.id);
  }
}

void session::core::remove(stream_id id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    return;
  }
  unacknowledged_ -= found->second.sending.unacknowledged();
  unread_ -= found->second.receiving.buffered();
  streams_.erase(found);
}

bool session::core::wants_turn(const stream& each) const noexcept {
  return each.open_state == stream::opening::unsent || each.stop_due ||
         each.sending.next_range(1).has_value() || each.sending.ending_due();
}

void session::core::mark_ready(stream& each) {
  if (each.queued || !wants_turn(each)) {
    return;
  }
  if (auto* carrier = find_carrier(each.carrier)) {
    each.queued = true;
    carrier->ready.push_back(each.id);
  }
}

base::result<stream_id> session::core::open(wire::target where, byte_view payload,
                                            base::steady_time now) {
  if (ended_ || farewell_) {
    return base::fail(errc::session_gone);
  }
  if (streams_.size() >= options_.limits.streams) {
    return base::fail(errc::stream_limit);
  }
  const auto id = static_cast<stream_id>(next_stream_);
  next_stream_ += 2;
  seen_.add(id);
  const auto carrier = carriers_.empty() ? carrier_number{} : carriers_.front()->number;
  auto& each = create(id, carrier, now);
  each.where = std::move(where);
  each.open_state = stream::opening::unsent;
  write(id, payload);
  mark_ready(each);
  return id;
}

byte_count session::core::replay_room() const noexcept {
  const byte_count cap = pool_.under_pressure() ? replay_floor : options_.limits.replay;
  return cap > unacknowledged_ ? cap - unacknowledged_ : 0;
}

std::size_t session::core::send_room(stream_id id) const {
  const auto* each = find(id);
  if (each == nullptr || ended_ || each->sending.end_state()) {
    return 0;
  }
  const byte_count session_left = peer_session_limit_ - session_written_;
  return std::min({each->sending.window_left(), session_left, replay_room()});
}

void session::core::await_room(stream_id id, std::size_t wanted) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  each->room_wanted = wanted;
  if (!each->awaits_room) {
    each->awaits_room = true;
    blocked_.push_back(id);
  }
}

void session::core::report_writable() {
  std::erase_if(blocked_, [this](stream_id id) {
    auto* each = find(id);
    if (each == nullptr) {
      return true;
    }
    const bool ready = send_room(id) >= each->room_wanted;
    if (ready) {
      each->awaits_room = false;
      events_.push_back(stream_writable{id});
    }
    return ready;
  });
}

byte_span session::core::reserve(stream_id id, std::size_t wanted) {
  auto* each = find(id);
  const auto room = send_room(id);
  if (each == nullptr || room == 0) {
    return {};
  }
  const auto space = each->sending.reserve(pool_, std::min(wanted, room));
  return space.first(std::min(space.size(), room));
}

void session::core::commit(stream_id id, std::size_t count) {
  auto* each = find(id);
  if (each == nullptr || count == 0) {
    return;
  }
  each->sending.commit(count);
  session_written_ += count;
  unacknowledged_ += count;
  mark_ready(*each);
}

std::size_t session::core::write(stream_id id, byte_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto rest = bytes.subspan(written);
    const auto space = reserve(id, std::min(rest.size(), base::large_slab_size));
    if (space.empty()) {
      break;
    }
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    commit(id, count);
    written += count;
  }
  return written;
}

void session::core::begin_ending(stream& each, send_half::ending how) {
  each.sending.end(how);
  mark_ready(each);
}

void session::core::abandon(stream& each) {
  unacknowledged_ -= each.sending.unacknowledged();
  session_written_ -= each.sending.abandon();
}

void session::core::finish(stream_id id, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr || each->sending.end_state()) {
    return;
  }
  begin_ending(*each, {.code = std::nullopt, .final_offset = each->sending.written()});
  schedule_stream_tick(now + options_.limits.half_closed_idle);
}

void session::core::fail_after_data(stream_id id, errc code) {
  auto* each = find(id);
  if (each == nullptr || each->sending.end_state()) {
    return;
  }
  begin_ending(
      *each, {.code = code, .when = delivery::after_data, .final_offset = each->sending.written()});
}

void session::core::reset(stream_id id, errc code) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  each->end_reported = true;
  if (each->open_carrier == carrier_number{} && options_.role == role::client) {
    abandon(*each);
    remove(id);
    return;
  }
  kill(*each, code, each->last_progress);
}

void session::core::kill(stream& each, errc code, base::steady_time now) {
  if (!each.sending.done()) {
    abandon(each);
    begin_ending(each, {.code = code, .final_offset = each.sending.sent()});
  }
  if (!each.end_reported) {
    each.end_reported = true;
    events_.push_back(stream_reset{each.id, code});
  }
  each.discarding = true;
  discard(each, now);
  settle(each);
}

void session::core::stop(stream_id id, errc code, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr || each->receiving.end_state() || each->discarding) {
    return;
  }
  each->stop_due = true;
  each->stop_code = code;
  each->discarding = true;
  discard(*each, now);
  mark_ready(*each);
}

byte_view session::core::peek(stream_id id) const {
  const auto* each = find(id);
  return each == nullptr ? byte_view{} : each->receiving.peek();
}

void session::core::consume(stream_id id, std::size_t count, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr || count == 0) {
    return;
  }
  each->receiving.consume(count);
  unread_ -= count;
  each->unread_since = now;
  account_consumed(*each, count, now);
  report_end(*each);
  settle(*each);
}

void session::core::notify(errc code, std::string sentence) {
  if (notices_.size() < control_queue_most) {
    sentence.resize(std::min(sentence.size(), sentence_most));
    notices_.push_back({code, std::move(sentence)});
  }
}

void session::core::go_away(errc code, std::chrono::milliseconds drain) {
  farewell_ = peer_going_away{code, drain};
}

void session::core::end(errc code) {
  if (ended_) {
    return;
  }
  ended_ = true;
  for (auto& [id, each] : streams_) {
    if (!each.end_reported) {
      events_.push_back(stream_reset{id, code});
    }
  }
  streams_.clear();
  blocked_.clear();
  gone_.clear();
  unacknowledged_ = unread_ = 0;
  if (code != errc::carrier_lost) {
    farewell_ = peer_going_away{code, std::chrono::milliseconds(0)};
  }
  events_.push_back(session_ended{code});
}

std::optional<session_event> session::core::poll_event() {
  if (events_.empty()) {
    return std::nullopt;
  }
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}
