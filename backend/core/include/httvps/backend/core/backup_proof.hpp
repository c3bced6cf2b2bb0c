#pragma once

#include <optional>
#include <string>

#include "httvps/backend/storage/snapshot.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::backend::core {

enum class unproven_backup { is_refused, is_taken };

struct backup_evidence {
  const storage::snapshot_manifest& manifest;
  std::string sha256;
};

struct proof_wanted {
  std::optional<identity::public_key> root = {};
  std::string sha256 = {};
  unproven_backup rule = unproven_backup::is_refused;
};

storage::snapshot_signer signer_with(const identity::signing_key& root);
base::result<> check_proof(const backup_evidence& found, const proof_wanted& wanted);

}
