#include "httvps/backend/services/restored_versions.hpp"

#include <charconv>

namespace httvps::backend::services {
namespace {

constexpr std::string_view growing_settings[] = {"config_version", "revocation_version"};

std::int64_t version_in(const std::optional<std::string>& stored) {
  std::int64_t version = 0;
  if (stored) {
    std::from_chars(stored->data(), stored->data() + stored->size(), version);
  }
  return version;
}

base::result<> raise(repositories& tables, std::string_view name, std::int64_t floor) {
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
      HTTVPS_CHECK(raise(tables, name, base::to_unix_seconds(now)));
    }
    return {};
  });
}

}
