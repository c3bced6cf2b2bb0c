#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "httvps/base/clock.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::gateway {

class state_writer {
 public:
  explicit state_writer(std::size_t most) : most_(most) { bytes_.reserve(most); }

  void flag(bool value);
  void number(std::uint64_t value);
  void number(std::optional<std::uint64_t> value);
  void time(base::system_time moment);
  void time(std::optional<base::system_time> moment);
  void text(std::string_view value);

  std::size_t size() const noexcept { return bytes_.size(); }
  bool is_sound() const noexcept { return sound_; }
  base::secret_bytes take() { return base::secret_bytes(std::move(bytes_)); }

 private:
  bool has_room_for(std::size_t more) noexcept;

  std::size_t most_;
  base::byte_vector bytes_;
  bool sound_ = true;
};

class state_reader {
 public:
  explicit state_reader(base::byte_view bytes) : bytes_(bytes) {}

  bool flag();
  std::uint64_t number();
  std::optional<std::uint64_t> number_or_none();
  base::system_time time();
  std::optional<base::system_time> time_or_none();
  std::string text() { return std::string(base::as_text(counted())); }
  base::secret_bytes secret() { return base::secret_bytes(counted()); }

  void require(bool holds) noexcept { sound_ = sound_ && holds; }
  bool is_sound() const noexcept { return sound_; }
  bool is_at_end() const noexcept { return sound_ && bytes_.empty(); }

 private:
  base::byte_view take(std::size_t size);
  base::byte_view counted();

  base::byte_view bytes_;
  bool sound_ = true;
};

}
