#include "httvps/backend/schemas/formats.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "httvps/base/encoding.hpp"

namespace httvps::backend::schemas {
namespace {

constexpr unsigned first_year = 1970;
constexpr unsigned last_year = 2200;
constexpr std::size_t shortest_moment = 20;
constexpr std::size_t letters_of_a_country = 2;

bool is_control(char letter) noexcept {
  const auto byte = static_cast<unsigned char>(letter);
  return byte < 0x20 || byte == 0x7f;
}

bool is_lower_or_digit(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_letter_or_digit(char letter) noexcept {
  return is_lower_or_digit(letter) || (letter >= 'A' && letter <= 'Z');
}

bool is_ip(std::string_view text) {
  const std::string terminated(text);
  in6_addr storage{};
  return inet_pton(AF_INET, terminated.c_str(), &storage) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), &storage) == 1;
}

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(
             label, [](char letter) { return is_letter_or_digit(letter) || letter == '-'; });
}

bool is_port(std::string_view text) noexcept {
  unsigned number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && number >= 1 && number <= 65535;
}

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

std::optional<unsigned> read_digits(std::string_view text) noexcept {
  unsigned number = 0;
  if (text.empty() || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<std::chrono::seconds> read_time(std::string_view text) noexcept {
  const auto hour = read_digits(text.substr(0, 2));
  const auto minute = read_digits(text.substr(3, 2));
  const auto second = read_digits(text.substr(6, 2));
  const bool shaped = text[2] == ':' && text[5] == ':' && hour && minute && second;
  if (!shaped || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::chrono::milliseconds read_fraction(std::string_view text) noexcept {
  std::int64_t milliseconds = 0;
  for (std::size_t i = 1; i <= 3; ++i) {
    milliseconds = milliseconds * 10 + (i < text.size() ? text[i] - '0' : 0);
  }
  return std::chrono::milliseconds(milliseconds);
}

}

bool is_printable_line(std::string_view text) noexcept {
  return std::ranges::none_of(text, is_control);
}

bool is_printable_text(std::string_view text) noexcept {
  return std::ranges::none_of(text,
                              [](char letter) { return is_control(letter) && letter != '\n'; });
}

bool is_token_text(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char letter) { return letter > 0x20 && letter < 0x7f; });
}

bool is_region_code(std::string_view text) noexcept {
  return !text.empty() && is_lower_or_digit(text.front()) &&
         std::ranges::all_of(
             text, [](char letter) { return is_lower_or_digit(letter) || letter == '-'; });
}

bool is_country_code(std::string_view text) noexcept {
  return text.size() == letters_of_a_country &&
         std::ranges::all_of(text, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

bool is_host(std::string_view text) {
  if (is_ip(text)) {
    return true;
  }
  while (!text.empty()) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
  return false;
}

bool is_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) {
    return false;
  }
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  return bracketed == (host.find(':') != std::string_view::npos) && is_ip(host);
}

bool is_paseto(std::string_view text) noexcept {
  return text.starts_with("v4.public.") && std::ranges::all_of(text, [](char letter) {
           return is_letter_or_digit(letter) || letter == '-' || letter == '_' || letter == '.';
         });
}

bool is_lower_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
  });
}

bool is_email(std::string_view text) noexcept {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && is_token_text(text);
}

bool is_scope(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_region_code(text.substr(0, colon))) {
    return false;
  }
  const auto verb = text.substr(colon + 1);
  return verb == "read" || verb == "write";
}

std::optional<std::chrono::sys_days> read_day(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = read_digits(text.substr(0, 4));
  const auto month = read_digits(text.substr(5, 2));
  const auto day = read_digits(text.substr(8, 2));
  if (!year || !month || !day || *year < first_year || *year > last_year) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

bool is_day(std::string_view text) noexcept {
  return read_day(text).has_value();
}

bool is_month(std::string_view text) noexcept {
  return text.size() == 7 && is_day(std::string(text).append("-01"));
}

bool is_cipher(std::string_view text) noexcept {
  return text == "chacha20-ietf-poly1305" || text == "aes-256-gcm" || text == "aes-128-gcm";
}

bool is_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
  });
}

bool is_label_text(std::string_view text) noexcept {
  return std::ranges::all_of(
      text, [](char letter) { return is_lower_or_digit(letter) || letter == '_'; });
}

bool is_key_name(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char letter) {
    return is_letter_or_digit(letter) || letter == '.' || letter == '_' || letter == '-';
  });
}

std::optional<base::system_time> parse_moment(std::string_view text) noexcept {
  if (text.size() < shortest_moment || text[10] != 'T' || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto day = read_day(text.substr(0, 10));
  const auto time = read_time(text.substr(11, 8));
  const auto rest = text.substr(19, text.size() - 20);
  const bool plain_rest = rest.empty() || (rest.size() > 1 && rest.front() == '.' &&
                                           std::ranges::all_of(rest.substr(1), is_digit));
  if (!day || !time || !plain_rest) {
    return std::nullopt;
  }
  return base::system_time(day->time_since_epoch()) + *time + read_fraction(rest);
}

bool is_base64url_of(std::string_view text, std::size_t size) {
  const auto bytes = base::from_base64url(text);
  return bytes && bytes->size() == size;
}

}
