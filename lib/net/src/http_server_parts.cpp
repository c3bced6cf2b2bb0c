#include "http_server_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t request_id_limit = 64;

bool is_id_letter(char letter) noexcept {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
}

}

http_response problem_response(int status, std::string_view code) {
  http_response response = {.status = status};
  response.headers.add("Content-Type", "application/problem+json");
  response.body = fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}"}})",
                              reason_of(status), status, code);
  return response;
}

int status_for(const base::error& failure) noexcept {
  if (failure == errc::http_head_too_large) {
    return 431;
  }
  if (failure == errc::http_body_too_large) {
    return 413;
  }
  if (failure == errc::timed_out) {
    return 408;
  }
  return failure == errc::http_bad_message ? 400 : 0;
}

std::string request_id_for(const http_request& request) {
  const auto given = request.headers.find("X-Request-Id");
  if (given && !given->empty() && given->size() <= request_id_limit &&
      std::ranges::all_of(*given, is_id_letter)) {
    return std::string(*given);
  }
  return base::to_hex(base::secure_random().take<8>());
}

std::string http_date(base::system_time moment) {
  using std::chrono::floor;
  constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed",
                                                        "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(floor<std::chrono::seconds>(moment - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     weekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}
