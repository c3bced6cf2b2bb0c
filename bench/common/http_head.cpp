#include "common/http_head.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view length_name = "content-length:";

bool same_letter(char left, char right) {
  return std::tolower(static_cast<unsigned char>(left)) ==
         std::tolower(static_cast<unsigned char>(right));
}

bool starts_with_name(std::string_view line, std::string_view name) {
  return line.size() >= name.size() &&
         std::equal(name.begin(), name.end(), line.begin(), same_letter);
}

base::result<base::byte_count> parse_length(std::string_view value) {
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  base::byte_count length = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (failure != std::errc() || end != value.data() + value.size()) {
    return base::fail(errc::malformed_head);
  }
  return length;
}

base::result<http_head> parse_head(std::string_view text) {
  const auto first = text.find(line_end);
  http_head head{.start_line = std::string(text.substr(0, first)), .size = text.size()};
  for (auto at = first + line_end.size(); at < text.size();) {
    const auto end = text.find(line_end, at);
    const auto line = text.substr(at, end - at);
    if (starts_with_name(line, length_name)) {
      HTTVPS_TRY(head.content_length, parse_length(line.substr(length_name.size())));
    }
    at = end + line_end.size();
  }
  return head;
}

}

int http_head::status() const {
  const auto space = start_line.find(' ');
  if (!start_line.starts_with("HTTP/1.") || space == std::string::npos) {
    return 0;
  }
  int code = 0;
  std::from_chars(start_line.data() + space + 1, start_line.data() + start_line.size(), code);
  return code;
}

base::result<std::optional<http_head>> head_reader::take(std::string_view bytes) {
  if (text_.empty()) {
    text_.reserve(longest_head);
  }
  text_.append(bytes.substr(0, room()));
  const auto end = text_.find(head_end);
  if (end == std::string::npos) {
    if (room() == 0) {
      return base::fail(errc::head_too_long);
    }
    return std::nullopt;
  }
  const auto size = end + head_end.size();
  rest_ = std::string_view(text_).substr(size);
  HTTVPS_TRY(auto head, parse_head(std::string_view(text_).substr(0, size)));
  return head;
}

void head_reader::reset() {
  text_.clear();
  rest_ = {};
}

}
