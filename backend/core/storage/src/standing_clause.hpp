#pragma once

#include <string>
#include <string_view>

#include "connection.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::storage {

struct sql_clause {
  std::string text;
  cells parameters;

  void append(std::string_view more) { text.append(more); }
  void append(sql_clause more);
};

sql_clause cases_by_dates(std::uint32_t schema, base::system_time now);
sql_clause quota_is_spent(const connection& database, base::system_time now);

}
