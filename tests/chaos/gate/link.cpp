#include "gate/link.hpp"

#include <algorithm>
#include <limits>

namespace httvps::chaos {
namespace {

constexpr base::byte_count smallest_quantum = 1500;
constexpr base::byte_count largest_quantum = 64 * base::kibibyte;
constexpr base::byte_count most_without_delay = base::mebibyte;
constexpr base::byte_count smallest_buffer = 16 * base::kibibyte;
constexpr base::byte_count largest_buffer = 208 * base::kibibyte;
constexpr auto buffered_time = std::chrono::milliseconds(10);
constexpr auto quantum_time = std::chrono::milliseconds(1);
constexpr double bits_of_a_byte = 8;

double seconds_of(base::duration time) {
  return std::chrono::duration<double>(time).count();
}

}

base::byte_count link::quantum() const noexcept {
  return is_limited() ? std::clamp(carried_in(quantum_time), smallest_quantum, largest_quantum)
                      : largest_quantum;
}

base::byte_count link::room(base::steady_time now) const noexcept {
  if (!is_limited()) {
    return std::numeric_limits<base::byte_count>::max();
  }
  const auto backlog = std::max(base::duration{}, free_at_ - now);
  const auto room = backlog < shape_.queue ? carried_in(shape_.queue - backlog) : 0;
  return room < least_room() ? 0 : room;
}

base::steady_time link::room_at() const noexcept {
  return free_at_ - shape_.queue + time_for(least_room() + 1);
}

base::byte_count link::most_held(base::byte_count without_rate) const noexcept {
  const auto on_the_way = shape_.delay + shape_.jitter;
  if (is_limited()) {
    return carried_in(on_the_way + shape_.queue) + quantum();
  }
  return on_the_way > base::duration{} ? without_rate : std::min(without_rate, most_without_delay);
}

base::byte_count link::socket_buffer() const noexcept {
  return is_limited() ? std::clamp(carried_in(buffered_time), smallest_buffer, largest_buffer)
                      : largest_buffer;
}

base::steady_time link::admit(base::byte_count size, base::steady_time now) noexcept {
  free_at_ = std::max(now, free_at_) + time_for(size);
  return free_at_ + shape_.delay + drawn_jitter();
}

base::byte_count link::carried_in(base::duration time) const noexcept {
  const auto rate = static_cast<double>(shape_.bits_per_second);
  return static_cast<base::byte_count>(seconds_of(time) * rate / bits_of_a_byte);
}

base::duration link::time_for(base::byte_count size) const noexcept {
  if (!is_limited()) {
    return {};
  }
  const auto rate = static_cast<double>(shape_.bits_per_second);
  const std::chrono::duration<double> time(static_cast<double>(size) * bits_of_a_byte / rate);
  return std::chrono::duration_cast<base::duration>(time);
}

base::byte_count link::least_room() const noexcept {
  return std::max<base::byte_count>(std::min(quantum(), carried_in(shape_.queue)) / 2, 1);
}

base::duration link::drawn_jitter() noexcept {
  const auto span = static_cast<std::uint64_t>(shape_.jitter.count());
  return span == 0 ? base::duration{}
                   : base::duration(static_cast<base::duration::rep>(random_() % (span + 1)));
}

}
