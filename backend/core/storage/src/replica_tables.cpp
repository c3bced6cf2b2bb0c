#include "replica_tables.hpp"

#include "counting.hpp"
#include "row_mapping.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct noted_row {
  std::string proof;
};
BOOST_DESCRIBE_STRUCT(noted_row, (), (proof))

}

base::result<bool> seen_proof_table::note(const services::shown_proof& shown) {
  query wanted{.sql =
                   "INSERT INTO seen_proofs (proof, known_until) VALUES (:proof, :until) "
                   "ON CONFLICT (proof) DO NOTHING RETURNING proof",
               .parameters = {shown.proof, to_microseconds(shown.known_until)}};
  if (database_.schema() >= services::proof_attempt_schema) {
    wanted.sql =
        "INSERT INTO seen_proofs (proof, known_until, attempt) VALUES (:proof, :until, :attempt) "
        "ON CONFLICT (proof) DO UPDATE SET known_until = seen_proofs.known_until "
        "WHERE seen_proofs.attempt = excluded.attempt AND seen_proofs.attempt <> '' "
        "RETURNING proof";
    wanted.parameters.emplace_back(shown.attempt);
  }
  HTTVPS_TRY(const auto noted, select_rows<noted_row>(database_, wanted));
  return !noted.empty();
}

base::result<std::uint64_t> seen_proof_table::forget(const services::outdated_proofs& outdated) {
  const cells bounds = {to_microseconds(outdated.before), to_stored(outdated.most)};
  HTTVPS_TRY(const auto found,
             count_rows(database_, {.sql = "SELECT COUNT(*) AS total FROM (SELECT proof "
                                           "FROM seen_proofs WHERE known_until < :before "
                                           "LIMIT :most) AS outdated",
                                    .parameters = bounds}));
  if (found == 0) {
    return found;
  }
  HTTVPS_CHECK(database_.execute(
      {.sql = "DELETE FROM seen_proofs WHERE proof IN (SELECT proof FROM seen_proofs "
              "WHERE known_until < :before ORDER BY known_until, proof LIMIT :most)",
       .parameters = bounds}));
  return found;
}

}
