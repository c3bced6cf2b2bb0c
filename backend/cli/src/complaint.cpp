#include "complaint.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/base/encoding.hpp"

namespace httvps::ctl {
namespace {

constexpr unsigned char lead_of_c1 = 0xc2;

bool is_control(unsigned char letter) noexcept {
  return letter < 0x20 || letter == 0x7f;
}

bool is_c1_control(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]) == lead_of_c1 && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

std::string with_bytes_escaped(std::string_view text) {
  std::string clean;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    clean +=
        byte >= 0x80 || is_control(byte) ? fmt::format("\\x{:02x}", byte) : std::string(1, letter);
  }
  return clean;
}

}

std::unexpected<complaint> usage_error(std::string text) {
  return std::unexpected(complaint{.code = exit_code::wrong_usage, .text = std::move(text)});
}

std::unexpected<complaint> failure(std::string text) {
  return std::unexpected(complaint{.code = exit_code::failed, .text = std::move(text)});
}

std::unexpected<complaint> failure(std::string_view what, const base::error& cause) {
  return failure(fmt::format("{} {} ({})", what, cause.message(), base::label_of(cause)));
}

std::string printable(std::string_view text) {
  if (!base::is_valid_utf8(text)) {
    return with_bytes_escaped(text);
  }
  std::string clean;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (is_control(byte)) {
      clean += fmt::format("\\x{:02x}", byte);
    } else if (is_c1_control(text, at)) {
      clean += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++at]));
    } else {
      clean += text[at];
    }
  }
  return clean;
}

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

outcome<> flush_output() {
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  return is_written ? outcome<>() : failure("The standard output cannot be written.");
}

void warn(std::string_view text) {
  std::fflush(stdout);
  const auto line = fmt::format("httvpsctl: {}\n", text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}
