#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/audit_documents.hpp"

namespace httvps::backend::services {

struct entity_tag {
  std::string text;

  bool operator==(const entity_tag&) const = default;
};

struct entity_document {
  std::string_view key;
  std::string_view content;
};

entity_tag tag_of_document(const entity_document& document);

template <typename Record>
  requires requires(const Record& record) { record.id.text(); }
entity_tag tag_of(const Record& record) {
  return tag_of_document({.key = record.id.text(), .content = audit_document(record)});
}

inline entity_tag tag_of(const models::region& region) {
  return tag_of_document({.key = region.code, .content = audit_document(region)});
}

class entity_condition {
 public:
  entity_condition() = default;
  explicit entity_condition(std::vector<entity_tag> accepted) : accepted_(std::move(accepted)) {}

  bool admits(const entity_tag& present) const noexcept;

 private:
  std::optional<std::vector<entity_tag>> accepted_;
};

}
