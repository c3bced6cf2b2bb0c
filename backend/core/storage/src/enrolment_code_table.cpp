#include "enrolment_code_table.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {

enrolment_code_row enrolment_code_row::from(const models::enrolment_code& code) {
  return {.hash = code.hash,
          .ticket_id = code.ticket.text(),
          .created_at = to_microseconds(code.created_at),
          .expires_at = to_microseconds(code.expires_at),
          .taken_by = code.taken_by,
          .taken_at = to_microseconds(code.taken_at)};
}

models::enrolment_code enrolment_code_row::record() const {
  return {.hash = hash,
          .ticket = models::ticket_id::trusted(ticket_id),
          .created_at = from_microseconds(created_at),
          .expires_at = from_microseconds(expires_at),
          .taken_by = taken_by,
          .taken_at = from_microseconds(taken_at)};
}

base::result<std::uint64_t> enrolment_code_table::count_live(base::system_time now) {
  return count_rows(database(), {.sql = "SELECT COUNT(*) AS total FROM enrolment_codes "
                                        "WHERE expires_at > :now AND taken_by IS NULL",
                                 .parameters = {to_microseconds(now)}});
}

base::result<> enrolment_code_table::forget_before(base::system_time moment) {
  return database().execute({.sql = "DELETE FROM enrolment_codes WHERE expires_at < :moment",
                             .parameters = {to_microseconds(moment)}});
}

}
