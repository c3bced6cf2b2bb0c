#include "httvps/backend/core/key_set_file.hpp"

#include <boost/json/parse.hpp>

namespace httvps::backend::core {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}

std::string key_set_text_in(std::string_view content) {
  const auto text = trimmed(content);
  if (!text.starts_with('{')) {
    return std::string(text);
  }
  boost::system::error_code failure;
  const auto value = boost::json::parse({text.data(), text.size()}, failure);
  const auto* object = failure ? nullptr : value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains("key_set");
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}
