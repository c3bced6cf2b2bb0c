#include "httvps/backend/services/restored_versions.hpp"

#include "signing_vault.hpp"
#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view growing_settings[] = {"config_version", "revocation_version",
                                                 "terms_version",  "node_keys_version",
                                                 "policy_version", key_set_floor_setting};

base::result<> raise(repositories& tables, std::string_view name, std::uint64_t floor) {
  HTTVPS_TRY(const auto stored, tables.settings.find(name));
  if (version_in(stored) >= floor) {
    return {};
  }
  return tables.settings.save({.key = std::string(name), .value = std::to_string(floor)});
}

}

base::result<> outgrow_earlier_versions(store& restored, base::system_time now) {
  return restored.write([&](repositories& tables) -> base::result<> {
    for (const auto name : growing_settings) {
      HTTVPS_CHECK(raise(tables, name, static_cast<std::uint64_t>(base::to_unix_seconds(now))));
    }
    return {};
  });
}

base::result<std::size_t> adopt_published_keys(store& restored, const identity::key_set& published,
                                               base::system_time now) {
  return write_to(restored, [&](repositories& tables) -> base::result<std::size_t> {
    HTTVPS_CHECK(raise(tables, key_set_floor_setting, published.version() + 1));
    return adopt_keys(tables, published, now);
  });
}

}
