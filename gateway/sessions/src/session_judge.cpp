#include "httvps/gateway/sessions/session_judge.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/scope_exit.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t judged_at_once_most = 64;

wire::errc code_of_denial(std::string_view code) {
  for (const auto& entry : wire::wire_errors().entries()) {
    if (entry.label == code) {
      return static_cast<wire::errc>(entry.value);
    }
  }
  return wire::errc::token_invalid;
}

std::optional<remembered_quota> memory_of(const std::optional<quota_terms>& terms) {
  if (!terms) {
    return std::nullopt;
  }
  return remembered_quota{.remaining = terms->remaining, .offline_bytes = terms->offline_bytes};
}

std::uint32_t limit_here(const allowance& allowed) {
  const auto elsewhere = std::min(allowed.sessions_elsewhere, allowed.session_limit - 1);
  return allowed.session_limit - elsewhere;
}

}

refusal refusal_at(withdrawal how) {
  return refusal_with(farewell_at(how).code);
}

refusal refusal_with(wire::errc code) {
  return {.code = code, .sentence = wire::make_error_code(code).message()};
}

session_judge::policy session_judge::policy_of(const validated_device& known) {
  std::optional<quota_terms> quota;
  if (known.quota) {
    quota = {.remaining = known.quota->remaining, .offline_bytes = known.quota->offline_bytes};
  }
  return {.session_limit = known.policy.session_limit,
          .allowed = {.device_id = known.device_id,
                      .subscription_id = known.subscription_id,
                      .up_bps = known.policy.up_bps,
                      .down_bps = known.policy.down_bps,
                      .quota = quota},
          .plan_id = known.plan_id,
          .ends_at = known.ends_at};
}

session_judge::policy session_judge::note(const allowance& allowed, const std::string& device_id) {
  const validated_device known{.device_id = device_id,
                               .subscription_id = allowed.subscription_id,
                               .policy = {.session_limit = allowed.session_limit,
                                          .up_bps = allowed.up_bps,
                                          .down_bps = allowed.down_bps},
                               .quota = memory_of(allowed.quota),
                               .plan_id = allowed.plan_id,
                               .ends_at = allowed.ends_at,
                               .validated_at = parts_.environment.clock.system_now()};
  parts_.validated.record(known);
  auto fresh = policy_of(known);
  fresh.session_limit = limit_here(allowed);
  fresh.recheck = allowed.recheck;
  return fresh;
}

refusal session_judge::note(const denial& denied, const std::string& device_id) {
  parts_.validated.forget(device_id);
  return {code_of_denial(denied.code), denied.sentence};
}

net::asio::awaitable<std::expected<session_judge::policy, refusal>> session_judge::validate(
    device_carrier who, wire::session_id id) {
  auto& environment = parts_.environment;
  device_session asked{.token = who.token, .session_digest = session_digest(id)};
  const auto asked_at = environment.clock.steady_now();
  const auto answer = co_await parts_.validations.ask(std::move(asked));
  const auto moment = environment.clock.system_now();
  if (!answer) {
    const auto known = parts_.validated.find(who.claims.device_id, moment);
    if (!known) {
      co_return std::unexpected(refusal_with(wire::errc::backend_unavailable));
    }
    if (known->ends_at && *known->ends_at <= moment) {
      co_return std::unexpected(refusal_with(wire::errc::subscription_expired));
    }
    co_return policy_of(*known);
  }
  if (const auto* denied = std::get_if<denial>(&*answer)) {
    co_return std::unexpected(note(*denied, who.claims.device_id));
  }
  auto fresh = note(std::get<allowance>(*answer), who.claims.device_id);
  fresh.allowed.asked_at = asked_at;
  co_return fresh;
}

net::asio::awaitable<session_judge::second_verdict> session_judge::judge_again(
    std::shared_ptr<hosted_session> running) {
  const auto device = running->terms().device_id;
  device_session asked{.token = running->terms().token,
                       .session_digest = session_digest(running->terms().id)};
  const auto asked_at = parts_.environment.clock.steady_now();
  const auto answer = co_await parts_.validations.ask(std::move(asked));
  if (!answer) {
    co_return unanswered{};
  }
  if (const auto* denied = std::get_if<denial>(&*answer)) {
    co_return note(*denied, device);
  }
  auto fresh = note(std::get<allowance>(*answer), device);
  fresh.allowed.asked_at = asked_at;
  fresh.allowed.token = running->terms().token;
  parts_.directory.limit(device, fresh.session_limit);
  auto subscription = fresh.allowed.subscription_id;
  auto opened = co_await parts_.allowances.open(std::move(fresh.allowed));
  if (!opened) {
    co_return unanswered{};
  }
  co_return renewed_terms{.allowance = std::move(*opened),
                          .subscription_id = std::move(subscription),
                          .plan_id = std::move(fresh.plan_id),
                          .ends_at = fresh.ends_at,
                          .recheck = fresh.recheck,
                          .asked_at = asked_at};
}

net::asio::awaitable<std::expected<exit_nodes, refusal>> session_judge::assign(device_carrier who) {
  auto& environment = parts_.environment;
  const auto assigned = co_await environment.control.assign(who.token, parts_.region);
  if (!assigned) {
    auto known = nodes_known_for(who.claims.device_id);
    if (known.first) {
      co_return known;
    }
    const auto code = assigned.error() == control_errc::no_node_available
                          ? wire::errc::no_node_available
                          : wire::errc::backend_unavailable;
    co_return std::unexpected(refusal_with(code));
  }
  const auto learnt = nodes_.learn(who.claims.device_id, *assigned, environment.clock.steady_now());
  if (!learnt) {
    environment.log.error("access_key_unusable", {{"node_id", assigned->nodes.front().node_id},
                                                  {"outcome", learnt.error()}});
    co_return std::unexpected(refusal_with(wire::errc::no_node_available));
  }
  parts_.grants.record(who.claims.device_id, *assigned);
  auto nodes = nodes_.choose_for(who.claims.device_id, environment.random);
  if (!nodes.first) {
    co_return std::unexpected(refusal_with(wire::errc::no_node_available));
  }
  co_return nodes;
}

exit_nodes session_judge::nodes_known_for(const std::string& device_id) {
  auto& environment = parts_.environment;
  if (const auto granted = parts_.grants.find(device_id)) {
    static_cast<void>(nodes_.learn(device_id, *granted, environment.clock.steady_now()));
  }
  return nodes_.choose_for(device_id, environment.random);
}

bool session_judge::is_busy_with(const std::string& device_id) const {
  const auto judged = judged_now_.find(device_id);
  return judged != judged_now_.end() && judged->second >= judged_at_once_most;
}

void session_judge::note_judged(const std::string& device_id) {
  const auto found = judged_now_.find(device_id);
  if (--found->second == 0) {
    judged_now_.erase(found);
  }
}

net::asio::awaitable<session_judge::verdict> session_judge::judge(device_carrier who,
                                                                  session_claim claimed) {
  if (const auto how = parts_.revoked.find(who.claims.device_id)) {
    co_return std::unexpected(refusal_at(*how));
  }
  ++judged_now_[who.claims.device_id];
  const base::scope_exit judged([this, device = who.claims.device_id] { note_judged(device); });
  auto policy = co_await validate(who, claimed.id);
  if (!policy) {
    co_return std::unexpected(std::move(policy.error()));
  }
  auto nodes = co_await assign(who);
  if (!nodes) {
    co_return std::unexpected(std::move(nodes.error()));
  }
  session_terms terms{.number = claimed.number,
                      .id = claimed.id,
                      .device_id = claimed.device_id,
                      .token = std::move(who.token),
                      .admits = admission::everything,
                      .nodes = std::move(*nodes)};
  co_return co_await settle(std::move(terms), std::move(claimed), std::move(*policy));
}

net::asio::awaitable<session_judge::verdict> session_judge::settle(session_terms terms,
                                                                   session_claim claimed,
                                                                   policy allowed) {
  const auto limit = allowed.session_limit;
  terms.subscription_id = allowed.allowed.subscription_id;
  terms.plan_id = std::move(allowed.plan_id);
  terms.ends_at = allowed.ends_at;
  terms.recheck = allowed.recheck;
  terms.asked_at = allowed.allowed.asked_at;
  allowed.allowed.token = terms.token;
  if (const auto settled = co_await parts_.directory.settle(std::move(claimed), limit); !settled) {
    co_return std::unexpected(refusal_with(wire::errc::session_limit));
  }
  auto opened = co_await parts_.allowances.open(std::move(allowed.allowed));
  if (!opened) {
    co_return std::unexpected(refusal_with(wire::errc::backend_unavailable));
  }
  if (const auto how = parts_.revoked.find(terms.device_id)) {
    co_return std::unexpected(refusal_at(*how));
  }
  terms.allowance = std::move(*opened);
  co_return terms;
}

net::task<> session_judge::renew_node(std::string device_id, std::string token) {
  auto& environment = parts_.environment;
  HTTVPS_CO_TRY(const auto assigned,
                co_await environment.control.assign(std::move(token), parts_.region));
  HTTVPS_CO_CHECK(nodes_.learn(device_id, assigned, environment.clock.steady_now()));
  parts_.grants.record(device_id, assigned);
  co_return base::result<void>();
}

}
