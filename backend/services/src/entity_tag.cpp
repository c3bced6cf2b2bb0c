#include "httvps/backend/services/entity_tag.hpp"

#include <algorithm>

#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t tag_letters = 22;

}

entity_tag tag_of_document(const entity_document& document) {
  const auto text = std::string(document.key).append("\n").append(document.content);
  return {.text = hash_secret(text).substr(0, tag_letters)};
}

bool entity_condition::admits(const entity_tag& present) const noexcept {
  return !accepted_ || std::ranges::find(*accepted_, present) != accepted_->end();
}

}
