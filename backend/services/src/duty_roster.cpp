#include "httvps/backend/services/duty_roster.hpp"

#include <algorithm>

namespace httvps::backend::services {
namespace {

base::result<> give_back(repositories& tables, const duty_claim& claim, base::system_time now) {
  HTTVPS_TRY(auto known, tables.leases.find(claim.name));
  if (!known || known->holder != claim.holder) {
    return {};
  }
  known->expires_at = std::min(known->expires_at, now);
  return tables.leases.save(*known);
}

}

duty_roster::duty_roster(const service_tools& tools, std::vector<duty_claim> claims)
    : tools_(tools), claims_(std::move(claims)) {
  const auto own = make_holder_name(tools.random);
  for (auto& claim : claims_) {
    if (claim.holder.empty()) {
      claim.holder = own;
    }
  }
}

base::result<> duty_roster::renew() {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return {};
  }
  base::result<> outcome;
  for (const auto& claim : claims_) {
    if (auto renewed = renew(claim); !renewed) {
      outcome = std::move(renewed);
    }
  }
  return outcome;
}

base::result<bool> duty_roster::wants(const duty_claim& claim, base::system_time now) const {
  HTTVPS_TRY(const auto known, read_from(tools_.storage, [&](repositories& tables) {
               return tables.leases.find(claim.name);
             }));
  if (!known || known->expires_at <= now) {
    return true;
  }
  return known->holder == claim.holder && known->expires_at - now < duty_renewal;
}

base::result<> duty_roster::renew(const duty_claim& claim) {
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(const bool is_due, wants(claim, now));
  if (!is_due) {
    return {};
  }
  HTTVPS_TRY(const auto held, write_to(tools_.storage, [&](repositories& tables) {
               return take_lease(
                   tables, {.name = claim.name, .holder = claim.holder, .term = duty_term}, now);
             }));
  note(claim.name, held ? held->expires_at : base::system_time{});
  return {};
}

base::result<> duty_roster::release() {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return {};
  }
  return tools_.storage.write([this](repositories& tables) -> base::result<> {
    for (const auto& claim : claims_) {
      HTTVPS_CHECK(give_back(tables, claim, tools_.clock.system_now()));
    }
    return {};
  });
}

void duty_roster::note(const std::string& name, base::system_time until) {
  const std::scoped_lock lock(mutex_);
  held_until_[name] = until;
}

bool duty_roster::holds(std::string_view name) const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return true;
  }
  const std::scoped_lock lock(mutex_);
  const auto found = held_until_.find(name);
  return found != held_until_.end() && tools_.clock.system_now() < found->second;
}

}
