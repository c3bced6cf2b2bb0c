#include "httvps/backend/schemas/problem.hpp"

namespace httvps::backend::schemas {
namespace {

std::string escape_key(std::string_view key) {
  std::string escaped;
  for (const char letter : key) {
    if (letter == '~') {
      escaped += "~0";
    } else if (letter == '/') {
      escaped += "~1";
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

std::size_t whole_letters(std::string_view text, std::size_t most) noexcept {
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80) {
    --most;
  }
  return most;
}

}

void problem_list::enter(std::string_view key) {
  path_.push_back(escape_key(key));
}

void problem_list::enter(std::size_t index) {
  path_.push_back(std::to_string(index));
}

void problem_list::leave() noexcept {
  path_.pop_back();
}

void problem_list::report(std::string_view code, std::string detail) {
  if (problems_.size() >= most_problems) {
    return;
  }
  std::string pointer;
  for (const auto& step : path_) {
    pointer += '/';
    pointer += step;
  }
  if (pointer.size() > longest_pointer) {
    pointer.resize(whole_letters(pointer, longest_pointer));
  }
  problems_.push_back({std::move(pointer), std::string(code), std::move(detail)});
}

}
