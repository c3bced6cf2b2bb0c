#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "httvps/backend/schemas/formats.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::schemas {

struct length_range {
  std::size_t least = 0;
  std::size_t most = 0;
};

template <length_range Length, typename Format = any_text>
struct text {
  text() = default;
  text(std::string content) : value(std::move(content)) {}
  text(const char* content) : value(content) {}

  bool operator==(const text&) const = default;

  std::string value;
};

template <length_range Length>
struct secret {
  secret() = default;
  secret(base::secret_bytes content) : value(std::move(content)) {}

  bool operator==(const secret&) const = default;

  base::secret_bytes value;
};

template <length_range Length>
struct passphrase {
  passphrase() = default;
  passphrase(base::secret_bytes content) : value(std::move(content)) {}

  bool operator==(const passphrase&) const = default;

  base::secret_bytes value;
};

struct number_range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

inline constexpr std::int64_t largest_number = INT64_MAX;

template <number_range Range>
struct whole {
  whole() = default;
  template <std::integral Number>
  whole(Number number) : value(static_cast<std::int64_t>(number)) {}

  template <typename Number = std::uint64_t>
  Number as() const noexcept {
    return static_cast<Number>(value);
  }
  bool operator==(const whole&) const = default;

  std::int64_t value = Range.least;
};

struct load {
  static constexpr double most = 1000.0;

  bool operator==(const load&) const = default;

  double value = 0;
};

struct moment {
  moment() = default;
  moment(base::system_time when) : value(when) {}

  bool operator==(const moment&) const = default;

  base::system_time value;
};

template <typename Item, length_range Length>
struct list {
  bool operator==(const list&) const = default;

  std::vector<Item> items;
};

template <bool Value>
struct constant_flag {
  bool operator==(const constant_flag&) const = default;
};

template <std::size_t Size>
using bytes_text = text<length_range{(Size * 8 + 5) / 6, (Size * 8 + 5) / 6}, base64url_of<Size>>;

using display_name = text<length_range{1, 64}, printable_line>;
using note_text = text<length_range{0, 1000}, printable_text>;
using sentence = text<length_range{0, 1000}, printable_text>;
using country_code = text<length_range{2, 2}, country_format>;
using region_code = text<length_range{1, 32}, region_format>;
using optional_region_code = text<length_range{0, 32}, optional_region_format>;
using host_name = text<length_range{1, 253}, host_format>;
using socket_address = text<length_range{3, 280}, address_format>;
using signed_document = text<length_range{1, 8192}, paseto_format>;
using signed_config = text<length_range{1, 65536}, paseto_format>;
using hex_session = text<length_range{16, 16}, hex_format>;
using hex_epoch = text<length_range{1, 16}, hex_format>;
using secret_line = secret<length_range{1, 512}>;
using secret_link = secret<length_range{10, 8192}>;
using shadowsocks_link = secret<length_range{10, 2048}>;
using email_address = text<length_range{3, 254}, email_format>;
using cipher_name = text<length_range{1, 64}, cipher_format>;
using label_text = text<length_range{0, 64}, label_format>;
using certificate_digest = text<length_range{64, 64}, any_hex_format>;
using key_name = text<length_range{1, 64}, key_name_format>;
using day_text = text<length_range{10, 10}, day_format>;

using port_number = whole<number_range{1, 65535}>;
using counter_value = whole<number_range{0, largest_number}>;
using small_count = whole<number_range{1, 10000}>;
using bits_per_second = whole<number_range{8000, 1000000000000}>;

}
