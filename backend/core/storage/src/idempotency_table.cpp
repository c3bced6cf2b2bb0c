#include "idempotency_table.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {

idempotency_row idempotency_row::from(const models::idempotency_record& record) {
  return {.id = record.claim.id,
          .word = record.claim.word,
          .actor = record.actor,
          .request_hash = record.request_hash,
          .state = models::enum_text(record.state),
          .answer_sealed = record.answer_sealed,
          .created_at = to_microseconds(record.created_at),
          .claimed_at = to_microseconds(record.claimed_at)};
}

models::idempotency_record idempotency_row::record() const {
  return {.claim = {.id = id, .word = word},
          .actor = actor,
          .request_hash = request_hash,
          .state = stored_enum<models::idempotency_state>(state),
          .answer_sealed = answer_sealed,
          .created_at = from_microseconds(created_at),
          .claimed_at = from_microseconds(claimed_at)};
}

base::result<std::uint64_t> idempotency_table::count_of(std::string_view actor) {
  return count_rows(database(),
                    {.sql = "SELECT COUNT(*) AS total FROM idempotency_keys WHERE actor = :actor",
                     .parameters = {std::string(actor)}});
}

base::result<> idempotency_table::remove(std::string_view id) {
  return database().execute(
      {.sql = "DELETE FROM idempotency_keys WHERE id = :id", .parameters = {std::string(id)}});
}

base::result<> idempotency_table::forget_before(base::system_time moment) {
  return database().execute({.sql = "DELETE FROM idempotency_keys WHERE created_at < :moment",
                             .parameters = {to_microseconds(moment)}});
}

}
