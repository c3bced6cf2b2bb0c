#include "keyring_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/backend/core/ring_file.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend {
namespace {

using core::ring_file;
using services::errc;

constexpr std::size_t date_letters = 10;

base::result<ring_file> load_or_begin(const std::string& path) {
  auto found = core::load_ring_file(path);
  if (!found && found.error() == errc::key_ring_missing) {
    return ring_file{};
  }
  return found;
}

void print(const ring_file& ring) {
  for (const auto& one : ring.keys) {
    fmt::print("{}{}\n", one.id, one.id == ring.active ? " active" : "");
  }
}

base::result<> change(ring_file& ring, const keyring_order& order) {
  if (order.action == "add") {
    const auto today = base::to_rfc3339(base::real_clock().system_now()).substr(0, date_letters);
    return core::add_key(ring, order.name.empty() ? today : order.name, base::secure_random());
  }
  return core::activate_key(ring, order.name);
}

}

base::result<> run_keyring(const keyring_order& order, const core::backend_settings& chosen) {
  if (chosen.key_ring_file.empty()) {
    return base::fail(errc::key_ring_missing);
  }
  const bool may_begin = order.action == "add";
  HTTVPS_TRY(auto ring, may_begin ? load_or_begin(chosen.key_ring_file)
                                  : core::load_ring_file(chosen.key_ring_file));
  if (order.action != "show") {
    HTTVPS_CHECK(change(ring, order));
    HTTVPS_CHECK(core::save_ring_file(chosen.key_ring_file, ring));
  }
  print(ring);
  return {};
}

}
