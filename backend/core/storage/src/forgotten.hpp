#pragma once

#include <string>

#include "counting.hpp"
#include "httvps/backend/services/repository.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct forgetting {
  std::string chosen;
  std::string removal;
};

inline base::result<std::uint64_t> forget_chosen(connection& database, const forgetting& rule,
                                                 const services::ended_invitations& wanted) {
  const cells parameters{to_microseconds(wanted.before), to_stored(wanted.most)};
  HTTVPS_TRY(const auto found, count_rows(database, {.sql = "SELECT COUNT(*) AS total FROM (" +
                                                            rule.chosen + ") AS chosen",
                                                     .parameters = parameters}));
  if (found > 0) {
    HTTVPS_CHECK(database.execute(
        {.sql = rule.removal + " (" + rule.chosen + ")", .parameters = parameters}));
  }
  return found;
}

}
