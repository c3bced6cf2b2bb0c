#pragma once

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

struct change_scope {
  repositories& tables;
  const service_tools& tools;
  const admin_actor& actor;
};

template <typename Record>
struct record_amendment {
  std::string_view action;
  const Record& before;
  const Record& after;
  std::string_view detail = {};
};

template <typename Field>
void amend(Field& field, const std::optional<Field>& wanted) {
  if (wanted) {
    field = *wanted;
  }
}

template <typename Record, typename Key>
base::result<bool> save_amendment(const change_scope& scope, repository<Record, Key>& table,
                                  const record_amendment<Record>& change) {
  auto before = audit_document(change.before);
  auto after = audit_document(change.after);
  if (before == after) {
    return false;
  }
  HTTVPS_CHECK(table.update(change.after));
  HTTVPS_CHECK(record_change(scope.tables, scope.tools, scope.actor,
                             {.action = change.action,
                              .object = change.after.id.text(),
                              .detail = change.detail,
                              .before = std::move(before),
                              .after = std::move(after)}));
  return true;
}

}
