#include "keyring_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/backend/core/ring_file.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/clock.hpp"
#include "ring_lock.hpp"

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

base::result<core::ring_lock> lock_ring(const std::string& path) {
  auto held = core::ring_lock::take(path);
  if (!held && held.error() == base::errc::limit_reached) {
    fmt::print(stderr, "httvps-backend: another keyring command works on this file.\n");
  }
  return held;
}

base::result<ring_file> change_ring(const std::string& path, const keyring_order& order) {
  HTTVPS_TRY(const auto held, lock_ring(path));
  const bool may_begin = order.action == "add";
  HTTVPS_TRY(auto ring, may_begin ? load_or_begin(path) : core::load_ring_file(path));
  HTTVPS_CHECK(change(ring, order));
  HTTVPS_CHECK(core::save_ring_file(path, ring));
  return ring;
}

}

base::result<> run_keyring(const keyring_order& order, const core::backend_settings& chosen) {
  const auto& path = chosen.key_ring_file;
  if (path.empty()) {
    return base::fail(errc::key_ring_missing);
  }
  HTTVPS_TRY(const auto ring,
             order.action == "show" ? core::load_ring_file(path) : change_ring(path, order));
  print(ring);
  return {};
}

}
