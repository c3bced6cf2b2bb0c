#include "httvps/backend/services/idempotency_service.hpp"

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/services/claimed_change.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

using models::idempotency_claim;
using models::idempotency_record;
using models::idempotency_state;

constexpr std::size_t word_letters = 20;

std::string hash_of_parts(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const auto part : parts) {
    joined.append(std::to_string(part.size())).append(":").append(part);
  }
  return hash_secret(joined);
}

std::string joined_scopes(const admin_actor& actor) {
  std::string joined;
  for (const auto& scope : actor.scopes) {
    joined.append(scope).append(" ");
  }
  return joined;
}

std::string request_hash_of(const keyed_request& wanted) {
  return hash_of_parts({wanted.method, wanted.target, models::enum_text(wanted.actor.role),
                        joined_scopes(wanted.actor), wanted.body});
}

cell_name cell_of(const std::string& id) {
  return {.table = "idempotency_keys", .column = "answer_sealed", .record = id};
}

base::result<std::optional<idempotency_record>> find_held(repositories& tables,
                                                          const idempotency_claim& held) {
  HTTVPS_TRY(auto found, tables.idempotency.find(held.id));
  if (found && found->claim.word != held.word) {
    found.reset();
  }
  return found;
}

}

std::string idempotency_id(std::string_view actor, std::string_view key) {
  return hash_of_parts({actor, key});
}

base::result<> note_claimed_change(repositories& tables, const idempotency_claim& held) {
  HTTVPS_TRY(auto found, required(find_held(tables, held), errc::lease_lost));
  found.state = idempotency_state::changed;
  return tables.idempotency.update(found);
}

base::result<> idempotency_service::require_schema() const {
  return tools_.storage.schema_version() >= idempotency_schema ? base::result<>()
                                                               : base::fail(errc::schema_too_old);
}

base::result<key_verdict> idempotency_service::replay(const idempotency_record& found) const {
  auto answer = tools_.cipher.open(cell_of(found.claim.id), found.answer_sealed);
  if (!answer) {
    return base::fail(errc::idempotency_answer_lost);
  }
  return key_verdict{.claim = {}, .answer = *std::move(answer)};
}

base::result<key_verdict> idempotency_service::claim_again(repositories& tables,
                                                           idempotency_record found,
                                                           std::string_view request_hash) const {
  if (!equal_hashes(found.request_hash, request_hash)) {
    return base::fail(errc::idempotency_key_reused);
  }
  if (found.state == idempotency_state::answered) {
    return replay(found);
  }
  const auto now = tools_.clock.system_now();
  const bool is_abandoned = now >= found.claimed_at + models::idempotency_patience;
  const bool is_over = is_abandoned && found.state == idempotency_state::changed;
  if (is_over || found.state == idempotency_state::unkept) {
    return base::fail(errc::idempotency_answer_lost);
  }
  if (!is_abandoned) {
    return base::fail(errc::idempotency_key_in_flight);
  }
  found.claim.word = random_word(word_letters, tools_.random);
  found.claimed_at = now;
  HTTVPS_CHECK(tables.idempotency.update(found));
  return key_verdict{.claim = std::move(found.claim)};
}

base::result<key_verdict> idempotency_service::claim_in(repositories& tables,
                                                        const keyed_request& wanted) const {
  const auto now = tools_.clock.system_now();
  const auto actor = wanted.actor.id.text();
  idempotency_record fresh{.claim = {.id = idempotency_id(actor, wanted.key),
                                     .word = random_word(word_letters, tools_.random)},
                           .actor = actor,
                           .request_hash = request_hash_of(wanted),
                           .created_at = now,
                           .claimed_at = now};
  HTTVPS_TRY(auto found, tables.idempotency.find(fresh.claim.id));
  if (found && now < found->created_at + models::idempotency_life) {
    return claim_again(tables, *std::move(found), fresh.request_hash);
  }
  HTTVPS_TRY(const auto known, tables.idempotency.count_of(actor));
  if (known >= models::most_idempotency_keys) {
    return base::fail(errc::too_many_idempotency_keys);
  }
  HTTVPS_CHECK(tables.idempotency.remove(fresh.claim.id));
  HTTVPS_CHECK(tables.idempotency.insert(fresh));
  return key_verdict{.claim = std::move(fresh.claim)};
}

base::result<key_verdict> idempotency_service::claim(const keyed_request& wanted) const {
  HTTVPS_CHECK(require_schema());
  return write_to(tools_.storage, [&](repositories& tables) { return claim_in(tables, wanted); });
}

base::result<> idempotency_service::keep(const idempotency_claim& held,
                                         const base::secret_bytes& answer) const {
  const bool is_kept = answer.size() <= largest_kept_answer;
  auto sealed = is_kept ? tools_.cipher.seal(cell_of(held.id), answer, tools_.random) : "";
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto found, required(find_held(tables, held), errc::lease_lost));
    found.state = is_kept ? idempotency_state::answered : idempotency_state::unkept;
    found.answer_sealed = sealed;
    return tables.idempotency.update(found);
  });
}

base::result<> idempotency_service::release(const idempotency_claim& held) const {
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto found, find_held(tables, held));
    if (!found) {
      return {};
    }
    if (found->state == idempotency_state::claimed) {
      return tables.idempotency.remove(held.id);
    }
    found->state = idempotency_state::unkept;
    return tables.idempotency.update(*found);
  });
}

base::result<> idempotency_service::forget_old() const {
  if (!require_schema()) {
    return {};
  }
  const auto oldest = tools_.clock.system_now() - models::idempotency_life;
  return tools_.storage.write(
      [&](repositories& tables) { return tables.idempotency.forget_before(oldest); });
}

}
