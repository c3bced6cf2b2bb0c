#include "fields.hpp"

namespace httvps::identity {

std::optional<std::vector<std::string_view>> split_fields(std::string_view text,
                                                          std::size_t at_most) {
  std::vector<std::string_view> fields;
  while (fields.size() < at_most) {
    const auto end = text.find('~');
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return fields;
    }
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}
