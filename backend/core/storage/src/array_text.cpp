#include "array_text.hpp"

#include "values.hpp"

namespace httvps::backend::storage {
namespace {

void append_quoted(std::string& text, std::string_view value) {
  text.push_back('"');
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') {
      text.push_back('\\');
    }
    text.push_back(letter);
  }
  text.push_back('"');
}

void append_element(std::string& text, const cell& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    text.append(std::to_string(*number));
  } else if (const auto* words = std::get_if<std::string>(&value)) {
    append_quoted(text, *words);
  } else {
    text.append("NULL");
  }
}

}

std::string array_of(std::span<const std::uint64_t> numbers) {
  std::string text = "{";
  for (const auto number : numbers) {
    text.append(text.size() > 1 ? "," : "").append(std::to_string(to_stored(number)));
  }
  return text.append("}");
}

std::string array_of_column(std::span<const cells> rows, std::size_t column) {
  std::string text = "{";
  for (const auto& row : rows) {
    text.append(text.size() > 1 ? "," : "");
    append_element(text, row[column]);
  }
  return text.append("}");
}

}
