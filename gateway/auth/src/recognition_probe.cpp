#include "httvps/gateway/auth/recognition_probe.hpp"

#include "httvps/gateway/auth/auth_errc.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr auth_errc own_reasons[] = {auth_errc::tls_too_old,    auth_errc::other_path,
                                     auth_errc::no_upgrade,     auth_errc::no_knock,
                                     auth_errc::several_knocks, auth_errc::cookie_header_too_long,
                                     auth_errc::device_revoked};
constexpr identity::errc knock_reasons[] = {identity::errc::too_long,
                                            identity::errc::knock_invalid,
                                            identity::errc::token_invalid,
                                            identity::errc::token_expired,
                                            identity::errc::token_not_yet_valid,
                                            identity::errc::signature_invalid,
                                            identity::errc::wrong_context,
                                            identity::errc::unknown_key,
                                            identity::errc::key_set_expired,
                                            identity::errc::claims_invalid,
                                            identity::errc::wrong_gateway,
                                            identity::errc::ticket_expired,
                                            identity::errc::proof_invalid};
constexpr std::string_view recognised_kinds[] = {"device", "device_live_session", "device_offline",
                                                 "control_ticket", "control_renewal"};

base::counter add_series(base::metric_registry& registry, std::string label, std::string value) {
  const bool is_kind = label == "kind";
  return registry.add_counter({.name = is_kind ? "httvps_gateway_auth_recognised_total"
                                               : "httvps_gateway_auth_refused_total",
                               .help = is_kind
                                           ? "Carriers recognised, by what opened them."
                                           : "Requests left to the web site, by what was missing.",
                               .labels = {{std::move(label), std::move(value)}}});
}

struct kind_of {
  std::string_view operator()(const not_ours&) const { return {}; }
  std::string_view operator()(const device_carrier& carrier) const {
    return recognised_kinds[static_cast<std::size_t>(carrier.grace)];
  }
  std::string_view operator()(const control_carrier& carrier) const {
    return std::holds_alternative<ticket_admission>(carrier.holder) ? recognised_kinds[3]
                                                                    : recognised_kinds[4];
  }
};

}

recognition_probe::recognition_probe(base::metric_registry& registry)
    : refused_otherwise_(add_series(registry, "reason", "other")) {
  const auto add_reason = [&](const base::error& reason) {
    const std::string label(base::label_of(reason));
    refused_.emplace(label, add_series(registry, "reason", label));
  };
  for (const auto reason : own_reasons) {
    add_reason(reason);
  }
  for (const auto reason : knock_reasons) {
    add_reason(reason);
  }
  for (const auto kind : recognised_kinds) {
    recognised_.emplace(kind, add_series(registry, "kind", std::string(kind)));
  }
}

void recognition_probe::count(const recognition& outcome) {
  if (const auto* refused = std::get_if<not_ours>(&outcome)) {
    const auto found = refused_.find(base::label_of(refused->reason));
    (found == refused_.end() ? refused_otherwise_ : found->second).add();
    return;
  }
  recognised_.find(std::visit(kind_of{}, outcome))->second.add();
}

}
