#include "values.hpp"

#include <algorithm>
#include <chrono>

namespace httvps::backend::storage {

using std::chrono::microseconds;

std::int64_t to_microseconds(base::system_time moment) noexcept {
  return std::chrono::floor<microseconds>(moment).time_since_epoch().count();
}

base::system_time from_microseconds(std::int64_t count) noexcept {
  return base::system_time(microseconds(count));
}

std::int64_t to_stored(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
}

std::string to_stored_list(const std::vector<std::string>& texts) {
  std::string stored;
  for (const auto& text : texts) {
    stored += text;
    stored += ' ';
  }
  return stored;
}

std::vector<std::string> from_stored_list(const std::string& stored) {
  std::vector<std::string> texts;
  std::size_t start = 0;
  for (auto end = stored.find(' '); end != std::string::npos; end = stored.find(' ', start)) {
    texts.push_back(stored.substr(start, end - start));
    start = end + 1;
  }
  return texts;
}

}
