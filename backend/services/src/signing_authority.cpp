#include "httvps/backend/services/signing_authority.hpp"

#include <mutex>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/seen_proofs.hpp"
#include "httvps/backend/services/shared_proofs.hpp"
#include "httvps/backend/services/verified_tokens.hpp"
#include "httvps/identity/errc.hpp"
#include "signing_vault.hpp"

namespace httvps::backend::services {
namespace {

using shared_trust = std::shared_ptr<const trust_snapshot>;
using shared_key_set = std::shared_ptr<const identity::key_set>;

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

base::result<> nothing_else(repositories& tables) {
  static_cast<void>(tables);
  return {};
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
  shared_trust trust;
  mutable std::mutex mutex;
  mutable seen_proofs proofs;
  mutable verified_tokens tokens;

  shared_trust trusted() const {
    const std::lock_guard lock(mutex);
    return trust;
  }
  shared_key_set current() const {
    auto kept = trusted();
    const auto* keys = &kept->keys;
    return {std::move(kept), keys};
  }
  authority_parts parts_now() const {
    const std::lock_guard lock(mutex);
    return parts;
  }
  identity::signing_key signer() const { return trusted()->signer_at(parts.clock.system_now()); }
  void replace(trust_snapshot fresh) {
    auto shared = std::make_shared<const trust_snapshot>(std::move(fresh));
    const std::lock_guard lock(mutex);
    if (!trust || trust->keys.version() <= shared->keys.version()) {
      trust = std::move(shared);
    }
  }
};

signing_authority::signing_authority(std::unique_ptr<state> made) noexcept
    : state_(std::move(made)) {}
signing_authority::signing_authority(signing_authority&&) noexcept = default;
signing_authority& signing_authority::operator=(signing_authority&&) noexcept = default;
signing_authority::~signing_authority() = default;

base::result<signing_authority> signing_authority::open(const authority_parts& parts,
                                                        identity::signing_key root) {
  signing_authority opened(
      std::unique_ptr<state>(new state{parts,
                                       std::move(root),
                                       shared_trust(),
                                       {},
                                       seen_proofs(seen_proofs_most),
                                       verified_tokens(verified_tokens_most)}));
  HTTVPS_CHECK(opened.settle(rotation_wish::none, nothing_else));
  return opened;
}

base::result<> signing_authority::settle(rotation_wish wish, const transaction& also) {
  using settled = base::result<trust_snapshot>;
  const auto parts = state_->parts_now();
  HTTVPS_TRY(
      auto fresh, write_to(parts.storage, [&](repositories& tables) -> settled {
        HTTVPS_TRY(
            auto made,
            settle_trust(tables, parts,
                         {.root = state_->root, .now = parts.clock.system_now(), .wish = wish}));
        HTTVPS_CHECK(also(tables));
        return made;
      }));
  state_->replace(std::move(fresh));
  return {};
}

base::result<> signing_authority::refresh() {
  using found = std::optional<trust_snapshot>;
  const auto known = state_->trusted();
  HTTVPS_TRY(auto fresh,
             read_from(state_->parts.storage, [&](repositories& tables) -> base::result<found> {
               HTTVPS_TRY(const auto stored, stored_key_set(tables));
               if (stored == known->keys.token()) {
                 return found();
               }
               HTTVPS_TRY(auto read, read_trust(tables, state_->parts, state_->root));
               return found(std::move(read));
             }));
  if (fresh) {
    state_->replace(*std::move(fresh));
  }
  return {};
}

base::result<> signing_authority::tend() {
  HTTVPS_CHECK(refresh());
  const auto parts = state_->parts_now();
  if (!needs_upkeep(*state_->trusted(), parts, parts.clock.system_now())) {
    return {};
  }
  return settle(rotation_wish::when_due, nothing_else);
}

base::result<> signing_authority::rotate(const transaction& also) {
  return settle(rotation_wish::at_once, also);
}

void signing_authority::use_term(std::chrono::hours term) {
  const std::lock_guard lock(state_->mutex);
  state_->parts.term = term;
}

std::string signing_authority::root_public() const {
  return state_->root.public_part().to_base64url();
}

std::string signing_authority::root_key_id() const {
  return state_->root.public_part().key_id();
}

signing_history signing_authority::history() const {
  return state_->trusted()->history;
}

base::system_time signing_authority::next_rotation() const {
  return state_->trusted()->history.newest().signs_from + state_->parts_now().term;
}

base::system_time signing_authority::key_set_end() const {
  return state_->current()->not_after();
}

std::string signing_authority::key_set_text() const {
  return state_->current()->token();
}

std::uint64_t signing_authority::key_set_version() const {
  return state_->current()->version();
}

base::result<std::string> signing_authority::sign(const identity::access_claims& claims) const {
  return sign_with(state_->signer(), claims);
}

base::result<std::string> signing_authority::sign(const identity::ticket_claims& claims) const {
  return sign_with(state_->signer(), claims);
}

base::result<std::string> signing_authority::sign(const identity::config_claims& claims) const {
  return sign_with(state_->signer(), claims);
}

base::result<std::string> signing_authority::sign(const identity::policy_claims& claims) const {
  return sign_with(state_->signer(), claims);
}

base::result<identity::verified_access> signing_authority::verify_token(
    std::string_view token, identity::expiry_grace grace) const {
  const auto keys = state_->current();
  const identity::document_check check{
      .keys = *keys, .now = state_->parts.clock.system_now(), .grace = grace};
  const bool keys_are_good = check.now <= keys->not_after();
  const auto known = keys_are_good ? state_->tokens.find(token, keys->version()) : nullptr;
  auto verified = known ? identity::judge_access_times(*known, check)
                        : identity::verify_access_token(token, check);
  if (!verified) {
    return base::fail(token_failure(verified.error()));
  }
  if (!known) {
    state_->tokens.keep(token, keys->version(), *verified);
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
    std::string_view header, const identity::request_to_prove& request,
    std::string_view attempt) const {
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
  const auto now = check.document.now;
  HTTVPS_TRY(const auto shared,
             note_shared_proof(state_->parts.storage,
                               {.proof = shown.proof, .now = now, .attempt = attempt}));
  if (shared == seen_proofs::outcome::replayed) {
    return base::fail(errc::proof_replayed);
  }
  if (state_->proofs.note(shown.proof, now, attempt) == seen_proofs::outcome::replayed) {
    return base::fail(errc::proof_replayed);
  }
  return *std::move(verified);
}

}
