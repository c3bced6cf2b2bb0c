#include "httvps/backend/services/documents.hpp"

#include <algorithm>

#include "gateway_candidates.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view version_setting = "config_version";

base::result<identity::gateway_entry> entry_of(const models::gateway& gateway) {
  identity::gateway_entry entry{.id = gateway.id.text(),
                                .host = gateway.host,
                                .addresses = gateway.addresses,
                                .mode = identity::gateway_mode::direct,
                                .pins = {},
                                .path = gateway.path,
                                .cookie = gateway.cookie};
  for (const auto& text : gateway.pins) {
    const auto bytes = base::from_base64url(text);
    if (!bytes || bytes->size() != sizeof(identity::spki_pin)) {
      return base::fail(errc::storage_failed);
    }
    identity::spki_pin pin{};
    base::copy_bytes(pin, *bytes);
    entry.pins.push_back(pin);
  }
  return entry;
}

base::result<std::vector<models::gateway>> covered_gateways(repositories& tables,
                                                            const models::plan& terms) {
  HTTVPS_TRY(auto gateways, tables.gateways.list_approved());
  std::erase_if(gateways, [&](const models::gateway& gateway) {
    return !terms.covers_region(gateway.region);
  });
  return gateways;
}

void leave_out_draining(std::vector<models::gateway>& gateways) {
  const auto drains = [](const models::gateway& each) { return each.draining_since.has_value(); };
  if (!std::ranges::all_of(gateways, drains)) {
    std::erase_if(gateways, drains);
  }
}

base::result<std::vector<std::string>> allowed_gateways(repositories& tables,
                                                        const models::plan& terms) {
  if (terms.regions.empty()) {
    return std::vector<std::string>{std::string(identity::every_gateway)};
  }
  HTTVPS_TRY(const auto gateways, covered_gateways(tables, terms));
  if (gateways.empty()) {
    return base::fail(errc::region_denied);
  }
  std::vector<std::string> names;
  std::ranges::transform(gateways, std::back_inserter(names),
                         [](const models::gateway& gateway) { return gateway.id.text(); });
  return names;
}

base::result<> check_wanted_region(const config_reader& reader,
                                   const std::vector<models::gateway>& covered) {
  if (reader.wanted_region.empty()) {
    return {};
  }
  if (!reader.terms.covers_region(reader.wanted_region)) {
    return base::fail(errc::region_denied);
  }
  const bool served = std::ranges::any_of(covered, [&reader](const models::gateway& gateway) {
    return gateway.region == reader.wanted_region;
  });
  return served ? base::result<>() : base::fail(errc::region_without_gateway);
}

}

base::result<std::uint64_t> config_version(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(version_setting));
  return version_in(stored, 1);
}

base::result<> advance_config_version(repositories& tables) {
  HTTVPS_TRY(const auto version, config_version(tables));
  return tables.settings.save(
      {.key = std::string(version_setting), .value = std::to_string(version + 1)});
}

base::result<std::string> sign_config(const service_tools& tools, const config_order& order) {
  const auto now = tools.clock.system_now();
  identity::config_claims claims{
      .version = order.version, .issued = now, .not_after = now + config_lifetime, .gateways = {}};
  for (const auto& gateway : order.gateways) {
    HTTVPS_TRY(auto entry, entry_of(gateway));
    claims.gateways.push_back(std::move(entry));
  }
  return tools.authority.sign(claims);
}

base::result<std::vector<models::gateway>> gateways_to_tell(repositories& tables,
                                                            const models::plan& terms) {
  HTTVPS_TRY(auto gateways, covered_gateways(tables, terms));
  if (gateways.empty()) {
    return base::fail(errc::region_denied);
  }
  leave_out_draining(gateways);
  return gateways;
}

base::result<std::string> sign_config_for(const service_tools& tools, repositories& tables,
                                          const config_reader& reader) {
  HTTVPS_TRY(auto gateways, gateways_to_tell(tables, reader.terms));
  HTTVPS_CHECK(check_wanted_region(reader, gateways));
  HTTVPS_CHECK(tools.fleet.refresh(tables));
  gateways = choose_candidates(gateways,
                               {.device = reader.device.text(),
                                .asked = reader.asked,
                                .role = reader.role,
                                .wanted_region = reader.wanted_region},
                               tools.fleet);
  HTTVPS_TRY(const auto version, config_version(tables));
  return sign_config(tools, {.gateways = std::move(gateways), .version = version});
}

base::result<std::string> sign_config_of_all(const service_tools& tools, repositories& tables) {
  HTTVPS_TRY(auto gateways, covered_gateways(tables, models::plan{}));
  if (gateways.size() > most_listed_gateways) {
    gateways.resize(most_listed_gateways);
  }
  HTTVPS_TRY(const auto version, config_version(tables));
  return sign_config(tools, {.gateways = std::move(gateways), .version = version});
}

base::result<std::string> sign_access_token(const service_tools& tools, repositories& tables,
                                            const device_holder& holder, std::string_view region) {
  const auto now = tools.clock.system_now();
  const auto& terms = holder.subscription.terms;
  HTTVPS_TRY(auto gateways, allowed_gateways(tables, terms));
  const auto key = identity::public_key::from_base64url(holder.device.public_key);
  if (!key) {
    return base::fail(errc::storage_failed);
  }
  return tools.authority.sign(
      identity::access_claims{.device_id = holder.device.id.text(),
                              .subscription_id = holder.subscription.subject.id.text(),
                              .device_key = *key,
                              .gateways = std::move(gateways),
                              .region = std::string(region),
                              .plan = {.session_limit = terms.session_limit,
                                       .up_bps = terms.up_bps,
                                       .down_bps = terms.down_bps},
                              .issued = now,
                              .expires = now + identity::access_token_lifetime});
}

}
