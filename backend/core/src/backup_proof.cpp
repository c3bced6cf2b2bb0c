#include "httvps/backend/core/backup_proof.hpp"

#include <algorithm>

#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::string_view purpose = "htv1/backup\n";

std::string message_of(std::string_view content) {
  return std::string(purpose).append(content);
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return text;
}

base::result<> check_signature(const storage::snapshot_manifest& manifest,
                               const identity::public_key& root) {
  const auto given = identity::parse_signature(manifest.proof->signature);
  if (!given || manifest.proof->key != root.to_base64url()) {
    return base::fail(storage::errc::backup_not_authentic);
  }
  const auto message = message_of(manifest.signed_text());
  const bool fits =
      identity::verify_signature(root, {.message = base::as_bytes(message), .proof = *given})
          .has_value();
  return fits ? base::result<>() : base::fail(storage::errc::backup_not_authentic);
}

}

storage::snapshot_signer signer_with(const identity::signing_key& root) {
  return [root](std::string_view content) {
    const auto message = message_of(content);
    return storage::snapshot_proof{
        .key = root.public_part().to_base64url(),
        .signature = base::to_base64url(root.sign(base::as_bytes(message)))};
  };
}

base::result<> check_proof(const backup_evidence& found, const proof_wanted& wanted) {
  const bool has_digest = !wanted.sha256.empty();
  if (has_digest && lowered(wanted.sha256) != found.sha256) {
    return base::fail(storage::errc::backup_not_authentic);
  }
  const bool has_signature = wanted.root && found.manifest.proof;
  if (has_signature) {
    HTTVPS_CHECK(check_signature(found.manifest, *wanted.root));
  }
  const bool is_proven = has_digest || has_signature;
  return is_proven || wanted.rule == unproven_backup::is_taken
             ? base::result<>()
             : base::fail(storage::errc::backup_unproven);
}

}
