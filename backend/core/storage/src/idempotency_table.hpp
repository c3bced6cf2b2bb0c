#pragma once

#include "httvps/backend/services/idempotency_repository.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct idempotency_row {
  static constexpr std::string_view table = "idempotency_keys";
  static constexpr std::string_view key = "id";
  static idempotency_row from(const models::idempotency_record& record);
  models::idempotency_record record() const;

  std::string id;
  std::string word;
  std::string actor;
  std::string request_hash;
  std::string state;
  std::string answer_sealed;
  std::int64_t created_at = 0;
  std::int64_t claimed_at = 0;
};
BOOST_DESCRIBE_STRUCT(idempotency_row, (),
                      (id, word, actor, request_hash, state, answer_sealed, created_at, claimed_at))

class idempotency_table final
    : public record_table<services::idempotency_repository, idempotency_row,
                          models::idempotency_record, std::string> {
 public:
  using record_table::record_table;
  base::result<std::uint64_t> count_of(std::string_view actor) override;
  base::result<> remove(std::string_view id) override;
  base::result<> forget_before(base::system_time moment) override;
};

}
