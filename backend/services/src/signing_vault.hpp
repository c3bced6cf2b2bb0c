#pragma once

#include "httvps/backend/services/signing_authority.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view key_set_floor_setting = "key_set_floor";

struct held_key {
  std::uint64_t number = 0;
  identity::signing_key key;
};

struct trust_snapshot {
  signing_history history;
  identity::key_set keys;
  std::vector<held_key> held;

  const identity::signing_key& signer_at(base::system_time now) const;
};

enum class rotation_wish { none, when_due, at_once };

struct vault_order {
  const identity::signing_key& root;
  base::system_time now;
  rotation_wish wish = rotation_wish::none;
};

bool needs_upkeep(const trust_snapshot& trust, const authority_parts& parts, base::system_time now);
base::result<std::optional<std::string>> stored_key_set(repositories& tables);
base::result<std::size_t> adopt_keys(repositories& tables, const identity::key_set& published,
                                     base::system_time now);
base::result<trust_snapshot> read_trust(repositories& tables, const authority_parts& parts,
                                        const identity::signing_key& root);
base::result<trust_snapshot> settle_trust(repositories& tables, const authority_parts& parts,
                                          const vault_order& order);

}
