#include <algorithm>

#include "amending.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/node_service.hpp"

namespace httvps::backend::services {
namespace {

base::result<> check_place(const models::region& region) {
  const bool is_whole =
      region.latitude_millionths.has_value() == region.longitude_millionths.has_value();
  return is_whole ? base::result<>() : base::fail(errc::region_place_incomplete);
}

base::result<> check_schema(const service_tools& tools, const models::region& region) {
  const bool has_terms = region.name || region.country;
  return has_terms && tools.storage.schema_version() < fleet_terms_schema
             ? base::fail(errc::schema_too_old)
             : base::result<>();
}

base::result<models::region> require_region(repositories& tables, std::string_view code) {
  HTTVPS_TRY(const auto known, tables.regions.list());
  const auto found = std::ranges::find(known, code, &models::region::code);
  return found == known.end() ? base::result<models::region>(base::fail(errc::region_not_found))
                              : base::result<models::region>(*found);
}

}

base::result<models::region> node_service::place_region(const admin_actor& actor,
                                                        const models::region& wanted) const {
  auto placed = write_to(tools_.storage, [&](repositories& tables) -> base::result<models::region> {
    HTTVPS_TRY(const auto before, require_region(tables, wanted.code));
    HTTVPS_CHECK(require_match(actor, tag_of(before)));
    auto after = before;
    after.latitude_millionths = wanted.latitude_millionths;
    after.longitude_millionths = wanted.longitude_millionths;
    HTTVPS_CHECK(tables.regions.place(after));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "region.place",
                                .object = wanted.code,
                                .before = audit_document(before),
                                .after = audit_document(after)}));
    return after;
  });
  tools_.fleet.expire();
  return placed;
}

base::result<std::vector<models::region>> node_service::regions() const {
  return read_from(tools_.storage, [](repositories& tables) { return tables.regions.list(); });
}

base::result<models::region> node_service::region(const std::string& code) const {
  return read_from(tools_.storage,
                   [&](repositories& tables) { return require_region(tables, code); });
}

base::result<models::region> node_service::add_region(const admin_actor& actor,
                                                      const models::region& wanted) const {
  HTTVPS_CHECK(check_place(wanted));
  HTTVPS_CHECK(check_schema(tools_, wanted));
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    if (const auto known = require_region(tables, wanted.code)) {
      HTTVPS_CHECK(require_match(actor, tag_of(*known)));
      return base::fail(errc::already_exists);
    }
    HTTVPS_CHECK(require_match(actor, {}));
    HTTVPS_CHECK(tables.regions.ensure(wanted.code, tools_.clock.system_now()));
    HTTVPS_CHECK(tables.regions.place(wanted));
    return record_change(
        tables, tools_, actor,
        {.action = "region.create", .object = wanted.code, .after = audit_document(wanted)});
  }));
  tools_.fleet.expire();
  return wanted;
}

base::result<models::region> node_service::change_region(const admin_actor& actor,
                                                         const std::string& code,
                                                         const region_amendment& wanted) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<models::region> {
    HTTVPS_TRY(const auto before, require_region(tables, code));
    HTTVPS_CHECK(require_match(actor, tag_of(before)));
    auto after = before;
    after.latitude_millionths = wanted.latitude_millionths.value_or(before.latitude_millionths);
    after.longitude_millionths = wanted.longitude_millionths.value_or(before.longitude_millionths);
    amend(after.name, wanted.name);
    amend(after.country, wanted.country);
    HTTVPS_CHECK(check_place(after));
    HTTVPS_CHECK(check_schema(tools_, after));
    if (tag_of(after) == tag_of(before)) {
      return before;
    }
    HTTVPS_CHECK(tables.regions.place(after));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "region.change",
                                .object = code,
                                .before = audit_document(before),
                                .after = audit_document(after)}));
    return after;
  });
  tools_.fleet.expire();
  return made;
}

base::result<> node_service::remove_region(const admin_actor& actor,
                                           const std::string& code) const {
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, require_region(tables, code));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_TRY(const auto members, tables.regions.count_members(code));
    if (members > 0) {
      return base::fail(errc::region_in_use);
    }
    HTTVPS_CHECK(tables.regions.remove(code));
    return record_change(
        tables, tools_, actor,
        {.action = "region.delete", .object = code, .before = audit_document(known)});
  }));
  tools_.fleet.expire();
  return {};
}

}
