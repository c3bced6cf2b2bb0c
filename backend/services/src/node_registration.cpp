#include "credential_issue.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/node_service.hpp"
#include "httvps/shadowsocks/access_key.hpp"
#include "key_issue.hpp"
#include "management_secret.hpp"
#include "node_reports.hpp"

namespace httvps::backend::services {
namespace {

constexpr shadowsocks::cipher_method usual_method =
    shadowsocks::cipher_method::chacha20_ietf_poly1305;

struct prepared_node {
  models::node node;
  std::optional<models::access_key> fixed;
  std::optional<models::keyring> keyring;
};

bool is_given(const base::secret_bytes& secret) noexcept {
  return secret.size() > 0;
}

models::node node_at(const service_tools& tools, const new_node& wanted, std::string host,
                     std::uint16_t port) {
  const auto now = tools.clock.system_now();
  return {.id = models::node_id::make(now, tools.random),
          .region = wanted.region,
          .name = wanted.name,
          .host = std::move(host),
          .port = port,
          .weight = wanted.weight,
          .state = models::node_state::enabled,
          .created_at = now,
          .capacity_bps = wanted.capacity_bps,
          .max_sessions = wanted.max_sessions,
          .labels = wanted.labels,
          .key_limit_bytes = wanted.key_limit_bytes};
}

base::result<std::string> method_of(const new_node& wanted) {
  if (wanted.method.empty()) {
    return std::string(shadowsocks::name_of(usual_method));
  }
  return shadowsocks::method_from_name(wanted.method)
             ? base::result<std::string>(wanted.method)
             : base::result<std::string>(base::fail(errc::node_address_invalid));
}

base::result<prepared_node> with_fixed_key(const service_tools& tools, const new_node& wanted) {
  if (!wanted.host.empty() || wanted.port != 0 || !wanted.method.empty()) {
    return base::fail(errc::node_address_invalid);
  }
  const auto parsed = shadowsocks::parse_access_key(wanted.access_key.reveal_text());
  if (!parsed) {
    return base::fail(errc::access_key_invalid);
  }
  prepared_node made{
      .node = node_at(tools, wanted, parsed->host, parsed->port), .fixed = {}, .keyring = {}};
  const auto id = models::access_key_id::make(made.node.created_at, tools.random);
  made.fixed = models::access_key{
      .id = id,
      .node = made.node.id,
      .generation = 1,
      .method = std::string(shadowsocks::name_of(parsed->method)),
      .sealed_url = tools.cipher.seal(url_cell(id), wanted.access_key, tools.random),
      .created_at = made.node.created_at};
  return made;
}

base::result<prepared_node> with_agent(const service_tools& tools, const new_node& wanted) {
  if (wanted.host.empty() || wanted.port == 0) {
    return base::fail(errc::node_address_invalid);
  }
  HTTVPS_TRY(auto method, method_of(wanted));
  prepared_node made{
      .node = node_at(tools, wanted, wanted.host, wanted.port), .fixed = {}, .keyring = {}};
  made.keyring = models::keyring{.node = made.node.id,
                                 .source = models::key_source::agent,
                                 .method = std::move(method),
                                 .revision = 1,
                                 .running_revision = 0,
                                 .rollout = models::rollout_state::waiting,
                                 .reason = {},
                                 .told_at = {},
                                 .sealed_management = {},
                                 .created_at = made.node.created_at};
  return made;
}

std::string host_in(const base::secret_bytes& url, const std::string& certificate) {
  const auto access = outline::parse_access(url.reveal_text(), certificate);
  return access ? access->place.host : std::string();
}

base::result<prepared_node> with_management(const service_tools& tools, new_node wanted) {
  if (is_given(wanted.access_key) || wanted.certificate_sha256.empty()) {
    return base::fail(errc::node_address_invalid);
  }
  if (!outline::parse_access(wanted.management_url.reveal_text(), wanted.certificate_sha256)) {
    return base::fail(errc::management_access_invalid);
  }
  if (wanted.host.empty()) {
    wanted.host = host_in(wanted.management_url, wanted.certificate_sha256);
  }
  HTTVPS_TRY(auto made, with_agent(tools, wanted));
  made.keyring->source = models::key_source::management;
  HTTVPS_TRY(
      made.keyring->sealed_management,
      seal_management(tools, made.node.id, wanted.management_url, wanted.certificate_sha256));
  return made;
}

base::result<prepared_node> prepare(const service_tools& tools, const new_node& wanted) {
  if (is_given(wanted.management_url)) {
    return with_management(tools, wanted);
  }
  if (!wanted.certificate_sha256.empty()) {
    return base::fail(errc::node_address_invalid);
  }
  if (wanted.key_limit_bytes) {
    return base::fail(errc::node_not_managed);
  }
  return is_given(wanted.access_key) ? with_fixed_key(tools, wanted) : with_agent(tools, wanted);
}

base::result<> save(repositories& tables, const service_tools& tools, const prepared_node& made) {
  HTTVPS_CHECK(check_terms(tools, made.node));
  HTTVPS_CHECK(tables.regions.ensure(made.node.region, made.node.created_at));
  HTTVPS_CHECK(tables.nodes.insert(made.node));
  if (made.fixed) {
    return tables.access_keys.insert(*made.fixed);
  }
  return has_key_schema(tools) ? tables.keyrings.insert(*made.keyring)
                               : base::fail(errc::storage_busy);
}

node_report first_report(prepared_node made) {
  return {.node = std::move(made.node),
          .method = made.fixed ? made.fixed->method : made.keyring->method,
          .key_generation = made.fixed ? made.fixed->generation : 0,
          .keyring = std::move(made.keyring),
          .transferred = 0,
          .heartbeat = {},
          .healthy = true};
}

}

base::result<created_node> node_service::add(const admin_actor& actor,
                                             const new_node& wanted) const {
  HTTVPS_TRY(auto made, prepare(tools_, wanted));
  auto written =
      write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_credential> {
        HTTVPS_CHECK(save(tables, tools_, made));
        HTTVPS_TRY(auto issued, issue_credential(tables, tools_,
                                                 {.kind = models::credential_kind::node,
                                                  .owner = made.node.id.text()}));
        HTTVPS_CHECK(record_change(tables, tools_, actor,
                                   {.action = "node.create",
                                    .object = made.node.id.text(),
                                    .after = audit_document(made.node)}));
        return issued;
      });
  HTTVPS_TRY(auto issued, std::move(written));
  tools_.fleet.expire();
  return created_node{.report = first_report(std::move(made)),
                      .credential = std::move(issued.text)};
}

}
