#pragma once

#include "connection.hpp"
#include "httvps/backend/services/replica_repositories.hpp"

namespace httvps::backend::storage {

class seen_proof_table final : public services::seen_proof_repository {
 public:
  explicit seen_proof_table(connection& database) noexcept : database_(database) {}
  base::result<bool> note(const services::shown_proof& shown) override;
  base::result<std::uint64_t> forget(const services::outdated_proofs& outdated) override;

 private:
  connection& database_;
};

}
