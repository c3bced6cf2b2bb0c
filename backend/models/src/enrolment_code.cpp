#include "httvps/backend/models/enrolment_code.hpp"

#include <algorithm>

namespace httvps::backend::models {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t shown_half = enrolment_code_symbols / 2;

char canonical_symbol(char typed) noexcept {
  const bool lower = typed >= 'a' && typed <= 'z';
  const char upper = lower ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (upper == 'O') {
    return '0';
  }
  return upper == 'I' || upper == 'L' ? '1' : upper;
}

}

std::string make_enrolment_code(base::random_source& random) {
  std::string code(enrolment_code_symbols, alphabet.front());
  std::ranges::generate(code, [&random] { return alphabet[random.below(alphabet.size())]; });
  return code;
}

std::optional<std::string> canonical_enrolment_code(std::string_view typed) {
  std::string code;
  for (const char each : typed) {
    const bool gap = each == '-' || each == ' ';
    if (gap && !code.empty()) {
      continue;
    }
    code += canonical_symbol(each);
  }
  const bool good =
      code.size() == enrolment_code_symbols && std::ranges::all_of(code, [](char symbol) {
        return alphabet.find(symbol) != std::string_view::npos;
      });
  return good ? std::optional(std::move(code)) : std::nullopt;
}

std::string shown_enrolment_code(std::string_view canonical) {
  return std::string(canonical.substr(0, shown_half))
      .append("-")
      .append(canonical.substr(std::min(shown_half, canonical.size())));
}

}
