#include "datagram_queue.hpp"

#include <algorithm>
#include <utility>

#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/limits.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t largest_frame = 1 + varint_size(frame_body_most) + frame_body_most;

bool is_sendable(const datagram_frame& datagram) noexcept {
  return datagram.flow <= varint_most && datagram.payload.size() <= data_payload_most &&
         !std::holds_alternative<reserved_target>(datagram.target) &&
         open_overhead(stream_id{datagram.flow}, datagram.target) + datagram.payload.size() <=
             largest_frame;
}

byte_count cost_of(const datagram_frame& datagram) noexcept {
  return datagram.payload.size() + datagram_cost;
}

}

void datagram_queue::attach(carrier_number carrier) {
  if (lane_of(carrier) == nullptr) {
    lanes_.push_back({.carrier = carrier, .waiting = {}});
  }
}

void datagram_queue::detach(carrier_number carrier) {
  const auto found = std::ranges::find(lanes_, carrier, &lane::carrier);
  if (found == lanes_.end()) {
    return;
  }
  auto lost = std::move(*found);
  lanes_.erase(found);
  if (lanes_.empty()) {
    pins_.clear();
    while (!lost.waiting.empty()) {
      drop_front(lost, drops_.detached);
    }
    return;
  }
  for (auto& pin : pins_) {
    if (pin.carrier == carrier) {
      pin.carrier = least_used();
    }
  }
  share_out(std::move(lost));
}

void datagram_queue::share_out(lane lost) {
  std::vector<entry> all;
  lanes_.push_back(std::move(lost));
  for (auto& each : lanes_) {
    while (!each.waiting.empty()) {
      all.push_back(std::move(each.waiting.front()));
      each.waiting.pop_front();
    }
  }
  lanes_.pop_back();
  std::ranges::sort(all, {}, &entry::order);
  for (auto& each : all) {
    lane_of(pin_of(each.datagram.flow, each.at).carrier)->waiting.push_back(std::move(each));
  }
}

bool datagram_queue::push(const datagram_frame& datagram, base::steady_time now) {
  if (!is_sendable(datagram)) {
    ++drops_.malformed;
    return false;
  }
  if (lanes_.empty()) {
    ++drops_.detached;
    return false;
  }
  expire(now);
  make_room(cost_of(datagram));
  entry kept{.order = ++order_,
             .at = now,
             .datagram = datagram,
             .payload = base::byte_vector(datagram.payload.begin(), datagram.payload.end())};
  kept.datagram.payload = kept.payload;
  bytes_ += cost_of(datagram);
  lane_of(pin_of(datagram.flow, now).carrier)->waiting.push_back(std::move(kept));
  return true;
}

const datagram_frame* datagram_queue::front(carrier_number carrier) const noexcept {
  const auto* from = lane_of(carrier);
  return from == nullptr || from->waiting.empty() ? nullptr : &from->waiting.front().datagram;
}

void datagram_queue::pop(carrier_number carrier) {
  auto* from = lane_of(carrier);
  if (from != nullptr && !from->waiting.empty()) {
    bytes_ -= cost_of(from->waiting.front().datagram);
    from->waiting.pop_front();
  }
}

void datagram_queue::expire(base::steady_time now) {
  for (auto& each : lanes_) {
    while (!each.waiting.empty() && now - each.waiting.front().at >= limits_.age) {
      drop_front(each, drops_.late);
    }
  }
}

std::optional<base::steady_time> datagram_queue::deadline() const noexcept {
  std::optional<base::steady_time> first;
  for (const auto& each : lanes_) {
    if (!each.waiting.empty() && (!first || each.waiting.front().at + limits_.age < *first)) {
      first = each.waiting.front().at + limits_.age;
    }
  }
  return first;
}

void datagram_queue::make_room(byte_count wanted) {
  while (bytes_ > 0 && bytes_ + wanted > limits_.bytes) {
    drop_front(*oldest_lane(), drops_.full);
  }
}

void datagram_queue::drop_front(lane& from, std::uint64_t& counter) {
  ++counter;
  bytes_ -= cost_of(from.waiting.front().datagram);
  from.waiting.pop_front();
}

datagram_queue::lane* datagram_queue::oldest_lane() noexcept {
  lane* oldest = nullptr;
  for (auto& each : lanes_) {
    if (!each.waiting.empty() &&
        (oldest == nullptr || each.waiting.front().order < oldest->waiting.front().order)) {
      oldest = &each;
    }
  }
  return oldest;
}

datagram_queue::lane* datagram_queue::lane_of(carrier_number carrier) noexcept {
  const auto found = std::ranges::find(lanes_, carrier, &lane::carrier);
  return found == lanes_.end() ? nullptr : &*found;
}

const datagram_queue::lane* datagram_queue::lane_of(carrier_number carrier) const noexcept {
  const auto found = std::ranges::find(lanes_, carrier, &lane::carrier);
  return found == lanes_.end() ? nullptr : &*found;
}

carrier_number datagram_queue::least_used() const noexcept {
  const auto uses = [this](const lane& each) {
    return std::ranges::count(pins_, each.carrier, &flow_pin::carrier);
  };
  return std::ranges::min_element(lanes_, {}, uses)->carrier;
}

datagram_queue::flow_pin& datagram_queue::pin_of(std::uint64_t flow, base::steady_time now) {
  auto found = std::ranges::lower_bound(pins_, flow, {}, &flow_pin::flow);
  if (found == pins_.end() || found->flow != flow) {
    if (pins_.size() >= limits_.flows) {
      forget_idle_pins(now);
    }
    const flow_pin made{.flow = flow, .carrier = least_used(), .used = now};
    found = pins_.insert(std::ranges::lower_bound(pins_, flow, {}, &flow_pin::flow), made);
  }
  found->used = std::max(found->used, now);
  return *found;
}

void datagram_queue::forget_idle_pins(base::steady_time now) {
  std::erase_if(pins_, [&](const flow_pin& pin) { return now - pin.used >= limits_.pin; });
  if (pins_.size() >= limits_.flows) {
    pins_.erase(std::ranges::min_element(pins_, {}, &flow_pin::used));
  }
}

}
