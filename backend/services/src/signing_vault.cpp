#include "signing_vault.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view even_slot = "signing_key";
constexpr std::string_view odd_slot = "signing_key_odd";
constexpr std::string_view history_setting = "signing_keys";
constexpr std::string_view key_set_setting = "key_set";
constexpr std::chrono::hours renew_before{24 * 45};

cell_name slot_cell(std::uint64_t number) {
  return {.table = "settings", .column = "value", .record = number % 2 == 0 ? even_slot : odd_slot};
}

base::result<> save_seed(repositories& tables, const authority_parts& parts, const held_key& one) {
  const auto cell = slot_cell(one.number);
  return tables.settings.save({.key = std::string(cell.record),
                               .value = parts.cipher.seal(cell, one.key.seed(), parts.random)});
}

base::result<> save_history(repositories& tables, const signing_history& history) {
  return tables.settings.save({.key = std::string(history_setting), .value = history.written()});
}

base::result<std::optional<held_key>> load_seed(repositories& tables, const authority_parts& parts,
                                                std::uint64_t number) {
  const auto cell = slot_cell(number);
  HTTVPS_TRY(const auto stored, tables.settings.find(cell.record));
  if (!stored) {
    return std::optional<held_key>();
  }
  HTTVPS_TRY(const auto seed, parts.cipher.open(cell, *stored));
  HTTVPS_TRY(auto key, identity::signing_key::from_seed(seed));
  return std::optional(held_key{.number = number, .key = std::move(key)});
}

base::result<signing_history> begin_history(repositories& tables, const authority_parts& parts,
                                            base::system_time now) {
  HTTVPS_TRY(auto first, load_seed(tables, parts, 0));
  if (!first) {
    first = held_key{.number = 0, .key = identity::signing_key::generate(parts.random)};
    HTTVPS_CHECK(save_seed(tables, parts, *first));
  }
  auto history = signing_history::begin(first->key.public_part(), now);
  HTTVPS_CHECK(save_history(tables, history));
  return history;
}

base::result<signing_history> load_history(repositories& tables, const authority_parts& parts,
                                           base::system_time now) {
  HTTVPS_TRY(const auto stored, tables.settings.find(history_setting));
  return stored ? signing_history::parse(*stored) : begin_history(tables, parts, now);
}

base::result<> add_generation(repositories& tables, const authority_parts& parts,
                              signing_history& history, base::system_time now) {
  auto key = identity::signing_key::generate(parts.random);
  HTTVPS_CHECK(history.add(key.public_part(), now));
  HTTVPS_CHECK(
      save_seed(tables, parts, {.number = history.newest().number, .key = std::move(key)}));
  return save_history(tables, history);
}

base::result<std::vector<held_key>> load_held(repositories& tables, const authority_parts& parts,
                                              const signing_history& history) {
  const auto& all = history.generations();
  std::vector<held_key> held;
  for (auto at = all.size() > 2 ? all.end() - 2 : all.begin(); at != all.end(); ++at) {
    HTTVPS_TRY(auto found, load_seed(tables, parts, at->number));
    if (found && found->key.public_part() == at->key) {
      held.push_back(*std::move(found));
    }
  }
  if (held.empty()) {
    return base::fail(errc::secret_unreadable);
  }
  return held;
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

bool is_fresh(const identity::key_set& keys, base::system_time now) {
  return keys.not_after() - now > renew_before;
}

bool lists(const identity::key_set& keys, const signing_history& history, base::system_time now) {
  return keys.claims().keys == history.published(now) &&
         keys.claims().retired == history.retired(now);
}

std::uint64_t next_version(std::uint64_t known, base::system_time now) {
  const auto seconds = std::max<std::int64_t>(base::to_unix_seconds(now), 0);
  return std::max(known + 1, static_cast<std::uint64_t>(seconds));
}

base::result<identity::key_set> sign_key_set(repositories& tables, const vault_order& order,
                                             const signing_history& history, std::uint64_t known) {
  const identity::key_set_claims claims{.version = next_version(known, order.now),
                                        .not_after = order.now + identity::key_set_lifetime,
                                        .keys = history.published(order.now),
                                        .retired = history.retired(order.now)};
  const auto text = identity::sign_document(order.root, claims);
  if (!text) {
    return base::fail(errc::signing_failed);
  }
  HTTVPS_CHECK(tables.settings.save({.key = std::string(key_set_setting), .value = *text}));
  return verified_key_set(*text, order.root, order.now);
}

base::result<identity::key_set> keep_key_set(repositories& tables, const vault_order& order,
                                             const signing_history& history) {
  HTTVPS_TRY(const auto stored, stored_key_set(tables));
  if (!stored) {
    return sign_key_set(tables, order, history, 0);
  }
  HTTVPS_TRY(auto keys, verified_key_set(*stored, order.root, base::system_time{}));
  HTTVPS_TRY(const auto floor, tables.settings.find(key_set_floor_setting));
  const auto least = version_in(floor);
  if (keys.version() >= least && is_fresh(keys, order.now) && lists(keys, history, order.now)) {
    return keys;
  }
  return sign_key_set(tables, order, history, std::max(keys.version(), least));
}

base::result<std::size_t> adopt_each(signing_history& history,
                                     const std::vector<identity::public_key>& keys,
                                     base::system_time at) {
  std::size_t adopted = 0;
  for (const auto& key : keys) {
    if (!history.knows(key)) {
      HTTVPS_CHECK(history.adopt(key, at));
      ++adopted;
    }
  }
  return adopted;
}

bool is_due(const signing_history& history, const authority_parts& parts, base::system_time now) {
  return now - history.newest().signs_from >= parts.term && history.size() < most_signing_keys;
}

}

const identity::signing_key& trust_snapshot::signer_at(base::system_time now) const {
  const auto wanted = history.signer_at(now).number;
  const auto found = std::ranges::find(held, wanted, &held_key::number);
  return found == held.end() ? held.front().key : found->key;
}

bool needs_upkeep(const trust_snapshot& trust, const authority_parts& parts,
                  base::system_time now) {
  return is_due(trust.history, parts, now) || trust.history.has_forgotten(now) ||
         !is_fresh(trust.keys, now) || !lists(trust.keys, trust.history, now);
}

base::result<std::optional<std::string>> stored_key_set(repositories& tables) {
  return tables.settings.find(key_set_setting);
}

base::result<trust_snapshot> read_trust(repositories& tables, const authority_parts& parts,
                                        const identity::signing_key& root) {
  HTTVPS_TRY(const auto written,
             required(tables.settings.find(history_setting), errc::storage_failed));
  HTTVPS_TRY(auto history, signing_history::parse(written));
  HTTVPS_TRY(const auto text, required(stored_key_set(tables), errc::storage_failed));
  HTTVPS_TRY(auto keys, verified_key_set(text, root, base::system_time{}));
  HTTVPS_TRY(auto held, load_held(tables, parts, history));
  return trust_snapshot{
      .history = std::move(history), .keys = std::move(keys), .held = std::move(held)};
}

base::result<trust_snapshot> settle_trust(repositories& tables, const authority_parts& parts,
                                          const vault_order& order) {
  HTTVPS_TRY(auto history, load_history(tables, parts, order.now));
  if (history.has_forgotten(order.now)) {
    history.forget(order.now);
    HTTVPS_CHECK(save_history(tables, history));
  }
  const bool due = order.wish == rotation_wish::when_due && is_due(history, parts, order.now);
  if (due || order.wish == rotation_wish::at_once) {
    HTTVPS_CHECK(add_generation(tables, parts, history, order.now));
  }
  HTTVPS_TRY(auto held, load_held(tables, parts, history));
  HTTVPS_TRY(auto keys, keep_key_set(tables, order, history));
  return trust_snapshot{
      .history = std::move(history), .keys = std::move(keys), .held = std::move(held)};
}

base::result<std::size_t> adopt_keys(repositories& tables, const identity::key_set& published,
                                     base::system_time now) {
  HTTVPS_TRY(const auto written, tables.settings.find(history_setting));
  if (!written) {
    return std::size_t{0};
  }
  HTTVPS_TRY(auto history, signing_history::parse(*written));
  const auto& listed = published.claims();
  HTTVPS_TRY(const auto recent, adopt_each(history, listed.keys, now));
  HTTVPS_TRY(const auto retired, adopt_each(history, listed.retired, now - signing_key_overlap));
  HTTVPS_CHECK(save_history(tables, history));
  return recent + retired;
}

}
