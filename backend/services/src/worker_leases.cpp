#include "httvps/backend/services/worker_leases.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t holder_bytes = 12;

}

std::string make_holder_name(base::random_source& random) {
  base::byte_vector bytes(holder_bytes);
  random.fill(bytes);
  return base::to_base64url(bytes);
}

base::result<std::optional<worker_lease>> take_lease(repositories& tables, const lease_claim& claim,
                                                     base::system_time now) {
  HTTVPS_TRY(const auto known, tables.leases.find(claim.name));
  const bool is_free = !known || known->expires_at <= now;
  const bool is_own = known && known->holder == claim.holder;
  if (!is_free && !is_own) {
    return std::optional<worker_lease>();
  }
  const auto before = known ? known->fence : 0;
  worker_lease taken{.name = claim.name,
                     .holder = claim.holder,
                     .fence = is_free ? before + 1 : before,
                     .expires_at = now + claim.term};
  HTTVPS_CHECK(tables.leases.save(taken));
  return std::optional(std::move(taken));
}

base::result<> keep_lease(repositories& tables, const worker_lease& held, base::system_time now) {
  HTTVPS_TRY(const auto known, tables.leases.find(held.name));
  const bool is_held = known && known->holder == held.holder && known->fence == held.fence;
  if (!is_held || known->expires_at <= now) {
    return base::fail(errc::lease_lost);
  }
  return tables.leases.save(*known);
}

}
