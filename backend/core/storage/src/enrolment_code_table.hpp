#pragma once

#include "httvps/backend/services/enrolment_code_repository.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct enrolment_code_row {
  static constexpr std::string_view table = "enrolment_codes";
  static constexpr std::string_view key = "hash";
  static enrolment_code_row from(const models::enrolment_code& code);
  models::enrolment_code record() const;

  std::string hash;
  std::string ticket_id;
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
  std::optional<std::string> taken_by;
  std::optional<std::int64_t> taken_at;
};
BOOST_DESCRIBE_STRUCT(enrolment_code_row, (),
                      (hash, ticket_id, created_at, expires_at, taken_by, taken_at))

class enrolment_code_table final
    : public record_table<services::enrolment_code_repository, enrolment_code_row,
                          models::enrolment_code, std::string> {
 public:
  using record_table::record_table;
  base::result<std::uint64_t> count_live(base::system_time now) override;
  base::result<> forget_before(base::system_time moment) override;
};

}
