#include "state_fields.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t text_most = 16'384;
constexpr std::size_t number_size = 8;
constexpr std::uint64_t latest_unix_second = 9'000'000'000;

}

bool state_writer::has_room_for(std::size_t more) noexcept {
  sound_ = sound_ && bytes_.size() + more <= most_;
  return sound_;
}

void state_writer::flag(bool value) {
  if (has_room_for(1)) {
    bytes_.push_back(value ? 1 : 0);
  }
}

void state_writer::number(std::uint64_t value) {
  const auto size = has_room_for(number_size) ? number_size : 0;
  for (std::size_t at = 0; at < size; ++at) {
    bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
  }
}

void state_writer::number(std::optional<std::uint64_t> value) {
  flag(value.has_value());
  if (value) {
    number(*value);
  }
}

void state_writer::time(base::system_time moment) {
  number(static_cast<std::uint64_t>(base::to_unix_seconds(moment)));
}

void state_writer::time(std::optional<base::system_time> moment) {
  flag(moment.has_value());
  if (moment) {
    time(*moment);
  }
}

void state_writer::text(std::string_view value) {
  number(value.size());
  sound_ = sound_ && value.size() <= text_most;
  if (has_room_for(value.size())) {
    base::append(bytes_, base::as_bytes(value));
  }
}

base::byte_view state_reader::take(std::size_t size) {
  require(size <= bytes_.size());
  if (!sound_) {
    return {};
  }
  const auto taken = bytes_.first(size);
  bytes_ = bytes_.subspan(size);
  return taken;
}

bool state_reader::flag() {
  const auto taken = take(1);
  require(!taken.empty() && taken.front() <= 1);
  return sound_ && taken.front() == 1;
}

std::uint64_t state_reader::number() {
  const auto taken = take(number_size);
  std::uint64_t value = 0;
  for (std::size_t at = 0; at < taken.size(); ++at) {
    value |= std::uint64_t{taken[at]} << (8 * at);
  }
  return value;
}

std::optional<std::uint64_t> state_reader::number_or_none() {
  return flag() ? std::optional(number()) : std::nullopt;
}

base::system_time state_reader::time() {
  const auto seconds = number();
  require(seconds <= latest_unix_second);
  return base::from_unix_seconds(sound_ ? static_cast<std::int64_t>(seconds) : 0);
}

std::optional<base::system_time> state_reader::time_or_none() {
  return flag() ? std::optional(time()) : std::nullopt;
}

base::byte_view state_reader::counted() {
  const auto size = number();
  require(size <= text_most);
  return take(sound_ ? static_cast<std::size_t>(size) : 0);
}

}
