#include "session_core.hpp"

#include <algorithm>

#include "httvps/base/encoding.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t first_bucket_count = 8;
constexpr std::size_t utf8_letter_most = 4;

std::string shortened(std::string sentence) {
  sentence.resize(std::min(sentence.size(), sentence_most));
  for (std::size_t cut = 0; cut < utf8_letter_most && !sentence.empty(); ++cut) {
    if (base::is_valid_utf8(sentence)) {
      return sentence;
    }
    sentence.pop_back();
  }
  return base::is_valid_utf8(sentence) ? sentence : std::string();
}

}

session::core::core(session_options options, base::slab_pool& pool, base::random_source& random)
    : options_(std::move(options)),
      pool_(pool),
      share_(pool),
      random_(random),
      streams_(first_bucket_count, stream_hash{random.next_u64()}),
      session_window_(std::max(options_.limits.session_window, initial_session_window)),
      session_granted_(session_window_) {
  if (options_.direct_host.size() > domain_most) {
    options_.direct_host.clear();
  }
}

stream* session::core::find(stream_id id) noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

const stream* session::core::find(stream_id id) const noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

stream& session::core::create(stream_id id, carrier_number carrier, base::steady_time now) {
  auto& each =
      streams_.try_emplace(id, id, initial_stream_window, initial_stream_window).first->second;
  pin(each, carrier);
  each.last_progress = each.received_at = now;
  each.meter.start(now);
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
  unacknowledged_ -= found->second.sending.unacknowledged();
  unread_ -= found->second.counted_unread;
  held_ahead_ -= found->second.counted_ahead;
  pin(found->second, carrier_number{});
  line_.leave(found->second);
  events_.push_back(stream_closed{id, found->second.carriers_used});
  streams_.erase(found);
  ++removals_;
}

bool session::core::wants_turn(const stream& each, const carrier_state& carrier) const noexcept {
  return each.open_state == stream::opening::unsent || each.stop_due ||
         next_bytes(each, carrier, 1).has_value() || each.sending.ending_due();
}

void session::core::mark_ready(stream& each) {
  if (each.queued) {
    return;
  }
  auto* carrier = find_carrier(each.carrier);
  if (carrier != nullptr && wants_turn(each, *carrier)) {
    each.queued = true;
    carrier->ready.push_back(each.id);
  }
}

byte_count session::core::awaiting_repeat() const noexcept {
  byte_count bytes = 0;
  for (const auto& [id, each] : streams_) {
    bytes += each.sending.awaiting_repeat();
  }
  return bytes;
}

session_credit session::core::credit() const noexcept {
  return {.sending = session_written_,
          .peer_limit = peer_session_limit_,
          .received = session_highest_,
          .consumed = session_consumed_,
          .granted = session_granted_};
}

void session::core::notify(errc code, std::string sentence) {
  if (notices_.size() < control_queue_most) {
    notices_.push_back({code, shortened(std::move(sentence))});
  }
}

void session::core::go_away(errc code, std::chrono::milliseconds drain,
                            std::vector<std::string> gateways) {
  constexpr auto longest = std::chrono::milliseconds(std::chrono::hours(1));
  std::erase_if(gateways, [](const std::string& name) { return name.size() > gateway_name_most; });
  gateways.resize(std::min(gateways.size(), gateway_names_most));
  farewell_ = peer_going_away{.code = code,
                              .drain = std::clamp(drain, std::chrono::milliseconds(0), longest),
                              .gateways = std::move(gateways)};
  farewell_sent_ = false;
}

void session::core::end(errc code) {
  if (ended_) {
    return;
  }
  ended_ = true;
  for (auto& [id, each] : streams_) {
    report_reset(each, code);
  }
  line_.clear();
  streams_.clear();
  ++removals_;
  gone_.clear();
  lost_.clear();
  reports_.clear();
  unacknowledged_ = unread_ = held_ahead_ = 0;
  if (code != errc::carrier_lost) {
    go_away(code, std::chrono::milliseconds(0), {});
  }
  events_.push_back(session_ended{code});
}

std::optional<session_event> session::core::poll_event() {
  if (peer_farewell_) {
    return std::exchange(peer_farewell_, std::nullopt);
  }
  if (!events_.empty()) {
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  return std::exchange(heard_policy_, std::nullopt);
}

}
