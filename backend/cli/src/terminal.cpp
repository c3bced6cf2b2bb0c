#include "terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "httvps/base/scope_exit.hpp"

namespace httvps::ctl {
namespace {

constexpr std::size_t longest_line = 4096;

bool is_terminal() noexcept {
  return ::isatty(STDIN_FILENO) == 1;
}

outcome<std::string> read_line() {
  std::string line;
  char letter = 0;
  while (::read(STDIN_FILENO, &letter, 1) == 1) {
    if (letter == '\n') {
      return line;
    }
    line += letter;
    if (line.size() > longest_line) {
      return usage_error("The line on the standard input is too long.");
    }
  }
  if (line.empty()) {
    return usage_error("Nothing came on the standard input.");
  }
  return line;
}

void show_prompt(const std::string& prompt) {
  if (is_terminal()) {
    std::fputs((prompt + ": ").c_str(), stderr);
  }
}

std::string trimmed(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

}

outcome<std::string> read_bounded(const std::string& file, std::size_t limit) {
  const bool is_input = file == "-";
  const int descriptor = is_input ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return usage_error(fmt::format("The file {} cannot be read.", file));
  }
  const base::scope_exit closed([&] {
    if (!is_input) {
      ::close(descriptor);
    }
  });
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(descriptor, text.data() + size, text.size() - size);
    if (count < 0) {
      return usage_error(fmt::format("The file {} cannot be read.", file));
    }
    if (count == 0) {
      break;
    }
    size += static_cast<std::size_t>(count);
  }
  if (size > limit) {
    return usage_error(fmt::format("The file {} is longer than {} bytes.", file, limit));
  }
  text.resize(size);
  return text;
}

outcome<std::string> ask_line(const std::string& prompt) {
  show_prompt(prompt);
  HTTVPS_TRY(auto line, read_line());
  return trimmed(std::move(line));
}

outcome<base::secret_bytes> ask_secret(const std::string& prompt) {
  termios before{};
  const bool hides = is_terminal() && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (hides) {
    auto quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  const base::scope_exit restored([&] {
    if (hides) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
      std::fputc('\n', stderr);
    }
  });
  HTTVPS_TRY(const auto line, ask_line(prompt));
  return base::secret_bytes::from_text(line);
}

outcome<base::secret_bytes> read_secret_from(const std::string& file) {
  HTTVPS_TRY(auto text, read_bounded(file, longest_line));
  return base::secret_bytes::from_text(trimmed(std::move(text)));
}

}
