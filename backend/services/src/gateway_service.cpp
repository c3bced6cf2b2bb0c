#include "httvps/backend/services/gateway_service.hpp"

#include "credential_issue.hpp"
#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/policy_service.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t path_letters = 22;
constexpr std::size_t cookie_letters = 8;

enum class place_change { none, moved };

place_change adopt_place(models::gateway& gateway, const join_order& order) {
  const bool same = gateway.region == order.region && gateway.host == order.host &&
                    gateway.addresses == order.addresses && gateway.pins == order.pins;
  gateway.region = order.region;
  gateway.host = order.host;
  gateway.addresses = order.addresses;
  gateway.pins = order.pins;
  return same ? place_change::none : place_change::moved;
}

bool was_used_by_another(const models::join_token& token,
                         const std::optional<models::gateway>& known) {
  return token.used_by && (!known || known->id != *token.used_by);
}

void approve_now(models::gateway& gateway, base::system_time now) {
  gateway.state = models::gateway_state::approved;
  gateway.approved_at = now;
}

}

struct gateway_service::admitted {
  join_approval approval = join_approval::by_admin;
  std::optional<models::join_token> token;
};

base::result<gateway_service::admitted> gateway_service::check_secret(
    repositories& tables, const join_order& order) const {
  const auto text = order.secret.reveal_text();
  const auto hash = hash_secret(text);
  if (!is_issued_secret(join_token_prefix, text)) {
    const bool fits = !policy_.secret_hash.empty() && equal_hashes(hash, policy_.secret_hash);
    return fits ? base::result<admitted>(admitted{policy_.approval, {}})
                : base::fail(errc::join_refused);
  }
  HTTVPS_TRY(auto token, required(tables.join_tokens.find(hash), errc::join_refused));
  if (token.revoked_at) {
    return base::fail(errc::join_token_revoked);
  }
  if (token.expires_at <= tools_.clock.system_now()) {
    return base::fail(errc::join_token_expired);
  }
  if (token.name != order.name || token.region != order.region) {
    return base::fail(errc::join_refused);
  }
  const auto approval = token.approval;
  return admitted{approval, std::move(token)};
}

base::result<models::gateway> gateway_service::create(repositories& tables, const join_order& order,
                                                      const admitted& by) const {
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(const auto pending, tables.gateways.count_pending());
  if (by.approval == join_approval::by_admin && pending >= policy_.most_pending) {
    return base::fail(errc::too_many_pending);
  }
  models::gateway made{.id = models::gateway_id::make(now, tools_.random),
                       .name = order.name,
                       .region = order.region,
                       .host = order.host,
                       .addresses = order.addresses,
                       .pins = order.pins,
                       .x25519_public = order.x25519_public,
                       .path = "/" + random_word(path_letters, tools_.random),
                       .cookie = random_word(cookie_letters, tools_.random),
                       .state = models::gateway_state::pending,
                       .created_at = now,
                       .approved_at = {}};
  if (by.approval == join_approval::automatic) {
    approve_now(made, now);
    HTTVPS_CHECK(advance_config_version(tables));
  }
  HTTVPS_CHECK(tables.regions.ensure(made.region, now));
  HTTVPS_CHECK(tables.gateways.insert(made));
  return made;
}

base::result<models::gateway> gateway_service::rejoin(repositories& tables, models::gateway known,
                                                      const join_order& order,
                                                      const admitted& by) const {
  if (known.x25519_public != order.x25519_public) {
    return base::fail(errc::gateway_name_taken);
  }
  if (known.state == models::gateway_state::disabled) {
    return base::fail(errc::gateway_disabled);
  }
  const auto now = tools_.clock.system_now();
  const auto former_state = known.state;
  const auto change = adopt_place(known, order);
  if (by.approval == join_approval::automatic) {
    approve_now(known, known.approved_at.value_or(now));
  } else if (change == place_change::moved) {
    known.state = models::gateway_state::pending;
    known.approved_at.reset();
    HTTVPS_CHECK(take_keys(tables, tools_, known.id));
  }
  HTTVPS_CHECK(tables.regions.ensure(known.region, now));
  HTTVPS_CHECK(tables.gateways.update(known));
  if (change == place_change::moved || known.state != former_state) {
    HTTVPS_CHECK(advance_config_version(tables));
  }
  return known;
}

base::result<models::gateway> gateway_service::admit(repositories& tables, const join_order& order,
                                                     const admitted& by) const {
  HTTVPS_TRY(const auto known, tables.gateways.find_by_name(order.name));
  if (by.token && was_used_by_another(*by.token, known)) {
    return base::fail(errc::join_token_spent);
  }
  HTTVPS_TRY(auto gateway, known ? rejoin(tables, *known, order, by) : create(tables, order, by));
  if (by.token) {
    auto spent = *by.token;
    spent.used_by = gateway.id;
    spent.used_at = spent.used_at.value_or(tools_.clock.system_now());
    HTTVPS_CHECK(tables.join_tokens.update(spent));
  }
  return gateway;
}

base::result<joined_gateway> gateway_service::join(const join_order& order) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<joined_gateway> {
    HTTVPS_TRY(const auto by, check_secret(tables, order));
    HTTVPS_TRY(auto gateway, admit(tables, order, by));
    HTTVPS_TRY(auto issued, issue_credential(tables, tools_,
                                             {.kind = models::credential_kind::gateway,
                                              .owner = gateway.id.text()}));
    return joined_gateway{.gateway = std::move(gateway),
                          .credential = std::move(issued.text),
                          .root = tools_.authority.root_public(),
                          .key_set = tools_.authority.key_set_text()};
  });
}

base::result<std::uint64_t> gateway_service::revision_in(repositories& tables) const {
  HTTVPS_TRY(const auto config, config_version(tables));
  HTTVPS_TRY(const auto revocations, revocation_version(tables));
  HTTVPS_TRY(const auto policy, policy_version(tables));
  HTTVPS_TRY(const auto keys, find_key_news(tables));
  return config + revocations + policy + keys.version + tools_.authority.key_set_version();
}

base::result<std::uint64_t> gateway_service::revision() const {
  return read_from(tools_.storage, [&](repositories& tables) { return revision_in(tables); });
}

base::result<std::optional<gateway_config>> gateway_service::config(
    const models::gateway& gateway, std::optional<std::uint64_t> known) const {
  using found_config = std::optional<gateway_config>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<found_config> {
    HTTVPS_TRY(const auto rev, revision_in(tables));
    if (rev == known) {
      return found_config();
    }
    HTTVPS_TRY(auto asking, require_gateway(tables, gateway.id));
    HTTVPS_TRY(auto config, sign_config_of_all(tools_, tables));
    HTTVPS_TRY(auto policy, sign_policy(tools_, tables));
    HTTVPS_TRY(auto withdrawn, find_withdrawn(tables, tools_.clock.system_now()));
    HTTVPS_TRY(auto keys, find_key_news(tables));
    return found_config(gateway_config{.gateway = std::move(asking),
                                       .key_set = tools_.authority.key_set_text(),
                                       .config = std::move(config),
                                       .policy = std::move(policy),
                                       .rev = rev,
                                       .withdrawn = std::move(withdrawn),
                                       .node_keys = std::move(keys)});
  });
}

base::result<> gateway_service::heartbeat(const models::gateway& gateway,
                                          const models::heartbeat& beat) const {
  return tools_.fleet.note_heartbeat(gateway.id.text(), beat);
}

base::result<gateway_report> gateway_service::approve(const admin_actor& actor,
                                                      const models::gateway_id& id) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<gateway_report> {
    HTTVPS_TRY(auto gateway, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(gateway)));
    if (gateway.state == models::gateway_state::approved) {
      return report_on_gateway(tools_.fleet, std::move(gateway));
    }
    if (gateway.state == models::gateway_state::disabled) {
      return base::fail(errc::gateway_disabled);
    }
    auto before = audit_document(gateway);
    approve_now(gateway, tools_.clock.system_now());
    HTTVPS_CHECK(tables.gateways.update(gateway));
    HTTVPS_CHECK(advance_config_version(tables));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "gateway.approve",
                                .object = gateway.id.text(),
                                .before = std::move(before),
                                .after = audit_document(gateway)}));
    return report_on_gateway(tools_.fleet, std::move(gateway));
  });
}

base::result<models::page<gateway_report>> gateway_service::list(
    const models::page_request& wanted) const {
  using report_page = models::page<gateway_report>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<report_page> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(auto found, tables.gateways.list(wanted));
    report_page reports{.items = {}, .more = found.more};
    for (auto& gateway : found.items) {
      reports.items.push_back(report_on_gateway(tools_.fleet, std::move(gateway)));
    }
    return reports;
  });
}

}
