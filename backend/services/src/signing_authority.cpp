#include "httvps/backend/services/signing_authority.hpp"

#include <mutex>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/seen_proofs.hpp"
#include "httvps/backend/services/shared_proofs.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view signing_key_setting = "signing_key";
constexpr std::string_view key_set_setting = "key_set";
constexpr std::chrono::hours renew_before{24 * 45};
constexpr cell_name signing_key_cell{
    .table = "settings", .column = "value", .record = signing_key_setting};

using shared_key_set = std::shared_ptr<const identity::key_set>;

base::result<identity::signing_key> load_or_make_signing_key(repositories& tables,
                                                             const authority_parts& parts) {
  HTTVPS_TRY(const auto stored, tables.settings.find(signing_key_setting));
  if (stored) {
    HTTVPS_TRY(const auto seed, parts.cipher.open(signing_key_cell, *stored));
    return identity::signing_key::from_seed(seed);
  }
  auto made = identity::signing_key::generate(parts.random);
  const auto sealed = parts.cipher.seal(signing_key_cell, made.seed(), parts.random);
  HTTVPS_CHECK(tables.settings.save({.key = std::string(signing_key_setting), .value = sealed}));
  return made;
}

base::result<identity::key_set> verified_key_set(std::string_view text,
                                                 const identity::signing_key& root,
                                                 base::system_time now) {
  auto verified =
      identity::key_set::verify(text, {.root = root.public_part(), .now = now, .least_version = 0});
  if (!verified) {
    return base::fail(errc::root_key_mismatch);
  }
  return *std::move(verified);
}

bool is_fresh(const identity::key_set& keys, const identity::public_key& wanted,
              base::system_time now) {
  return keys.not_after() - now > renew_before && keys.find(wanted.key_id(), now).has_value();
}

struct key_set_order {
  const identity::signing_key& root;
  const identity::signing_key& signer;
  std::uint64_t version = 1;
  base::system_time now;
};

base::result<identity::key_set> sign_key_set(repositories& tables, const key_set_order& order) {
  const identity::key_set_claims claims{.version = order.version,
                                        .not_after = order.now + identity::key_set_lifetime,
                                        .keys = {order.signer.public_part()}};
  const auto text = identity::sign_document(order.root, claims);
  if (!text) {
    return base::fail(errc::signing_failed);
  }
  HTTVPS_CHECK(tables.settings.save({.key = std::string(key_set_setting), .value = *text}));
  return verified_key_set(*text, order.root, order.now);
}

base::result<std::uint64_t> stored_version(std::string_view text,
                                           const identity::signing_key& root) {
  HTTVPS_TRY(const auto keys, verified_key_set(text, root, base::system_time{}));
  return keys.version();
}

base::result<identity::key_set> load_or_sign_key_set(repositories& tables,
                                                     const identity::signing_key& root,
                                                     const identity::signing_key& signer,
                                                     base::system_time now) {
  HTTVPS_TRY(const auto stored, tables.settings.find(key_set_setting));
  std::uint64_t version = 0;
  if (stored) {
    HTTVPS_TRY(version, stored_version(*stored, root));
    const auto keys = verified_key_set(*stored, root, now);
    if (keys && is_fresh(*keys, signer.public_part(), now)) {
      return *keys;
    }
  }
  return sign_key_set(tables, {.root = root, .signer = signer, .version = version + 1, .now = now});
}

std::error_code token_failure(const std::error_code& cause) {
  return cause == identity::errc::token_expired ? errc::token_expired : errc::token_invalid;
}

std::error_code proof_failure(const std::error_code& cause) {
  if (cause == identity::errc::proof_expired) {
    return errc::proof_expired;
  }
  return cause == identity::errc::proof_invalid ? make_error_code(errc::proof_invalid)
                                                : token_failure(cause);
}

bool is_harmless_again(const identity::request_to_prove& request) {
  return request.method == "GET";
}

template <typename Claims>
base::result<std::string> sign_with(const identity::signing_key& key, const Claims& claims) {
  auto text = identity::sign_document(key, claims);
  if (!text) {
    return base::fail(errc::signing_failed);
  }
  return *std::move(text);
}

}

struct signing_authority::state {
  authority_parts parts;
  identity::signing_key root;
  identity::signing_key signer;
  shared_key_set keys;
  mutable std::mutex mutex;
  mutable seen_proofs proofs;

  shared_key_set current() const {
    const std::lock_guard lock(mutex);
    return keys;
  }
  void replace(identity::key_set fresh) {
    auto shared = std::make_shared<const identity::key_set>(std::move(fresh));
    const std::lock_guard lock(mutex);
    keys = std::move(shared);
  }
};

signing_authority::signing_authority(std::unique_ptr<state> made) noexcept
    : state_(std::move(made)) {}
signing_authority::signing_authority(signing_authority&&) noexcept = default;
signing_authority& signing_authority::operator=(signing_authority&&) noexcept = default;
signing_authority::~signing_authority() = default;

base::result<signing_authority> signing_authority::open(const authority_parts& parts,
                                                        identity::signing_key root) {
  const auto now = parts.clock.system_now();
  std::unique_ptr<state> made;
  HTTVPS_CHECK(parts.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto signer, load_or_make_signing_key(tables, parts));
    HTTVPS_TRY(auto keys, load_or_sign_key_set(tables, root, signer, now));
    auto shared = std::make_shared<const identity::key_set>(std::move(keys));
    made.reset(new state{
        parts, root, std::move(signer), std::move(shared), {}, seen_proofs(seen_proofs_most)});
    return {};
  }));
  return signing_authority(std::move(made));
}

base::result<> signing_authority::refresh() {
  const auto now = state_->parts.clock.system_now();
  if (is_fresh(*state_->current(), state_->signer.public_part(), now)) {
    return {};
  }
  HTTVPS_TRY(auto keys, write_to(state_->parts.storage, [&](repositories& tables) {
               return load_or_sign_key_set(tables, state_->root, state_->signer, now);
             }));
  state_->replace(std::move(keys));
  return {};
}

std::string signing_authority::root_public() const {
  return state_->root.public_part().to_base64url();
}

std::string signing_authority::key_set_text() const {
  return state_->current()->token();
}

std::uint64_t signing_authority::key_set_version() const {
  return state_->current()->version();
}

base::result<std::string> signing_authority::sign(const identity::access_claims& claims) const {
  return sign_with(state_->signer, claims);
}

base::result<std::string> signing_authority::sign(const identity::ticket_claims& claims) const {
  return sign_with(state_->signer, claims);
}

base::result<std::string> signing_authority::sign(const identity::config_claims& claims) const {
  return sign_with(state_->signer, claims);
}

base::result<identity::verified_access> signing_authority::verify_token(
    std::string_view token, identity::expiry_grace grace) const {
  const auto keys = state_->current();
  auto verified = identity::verify_access_token(
      token, {.keys = *keys, .now = state_->parts.clock.system_now(), .grace = grace});
  if (!verified) {
    return base::fail(token_failure(verified.error()));
  }
  return *std::move(verified);
}

base::result<identity::ticket_claims> signing_authority::verify_ticket(
    std::string_view ticket) const {
  const auto keys = state_->current();
  auto verified =
      identity::verify_ticket(ticket, {.keys = *keys, .now = state_->parts.clock.system_now()});
  if (!verified) {
    const bool late = verified.error() == identity::errc::ticket_expired;
    return base::fail(late ? errc::ticket_expired : errc::ticket_invalid);
  }
  return *std::move(verified);
}

base::result<identity::verified_access> signing_authority::verify_proof(
    std::string_view header, const identity::request_to_prove& request) const {
  const auto keys = state_->current();
  const identity::device_proof_check check{
      .document = {.keys = *keys,
                   .now = state_->parts.clock.system_now(),
                   .grace = identity::expiry_grace::renewal()}};
  auto verified = identity::verify_device_proof(header, request, check);
  if (!verified) {
    return base::fail(proof_failure(verified.error()));
  }
  if (is_harmless_again(request)) {
    return *std::move(verified);
  }
  HTTVPS_TRY(const auto shown, identity::parse_device_proof(header));
  if (state_->proofs.note(shown.proof, check.document.now) == seen_proofs::outcome::replayed) {
    return base::fail(errc::proof_replayed);
  }
  HTTVPS_TRY(const auto shared,
             note_shared_proof(state_->parts.storage, shown.proof, check.document.now));
  if (shared == seen_proofs::outcome::replayed) {
    return base::fail(errc::proof_replayed);
  }
  return *std::move(verified);
}

}
