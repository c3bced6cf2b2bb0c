#include "httvps/gateway/sessions/admission.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "violation.hpp"

namespace httvps::gateway {
namespace {

constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t protocol_error_closure = 1002;
constexpr std::size_t remembered_most = 65536;
constexpr std::size_t session_digest_size = 8;
constexpr std::size_t judged_at_once_most = 64;

std::string digest_of(const wire::session_id& id) {
  base::byte_array<crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), id.data(), id.size());
  return base::to_hex(base::byte_view(hash).first(session_digest_size));
}

wire::errc code_of_denial(std::string_view code) {
  for (const auto& entry : wire::wire_errors().entries()) {
    if (entry.label == code) {
      return static_cast<wire::errc>(entry.value);
    }
  }
  return wire::errc::token_invalid;
}

std::int64_t held_in(const waiting_room& room) {
  return static_cast<std::int64_t>(room.size());
}

std::string sentence_of(wire::errc code) {
  return wire::make_error_code(code).message();
}

}

std::uint64_t admission_desk::wait_in_line(net::carrier_link& link, const std::string& holder) {
  const auto place = ++last_place_;
  const auto before = held_in(waiting_);
  if (waiting_.enter(place, holder, link.stream().socket().ender()) ==
      waiting_room::outcome::dropped_oldest) {
    parts_.environment.probe.carriers_dropped.add();
  }
  parts_.environment.probe.carriers_waiting.add(held_in(waiting_) - before);
  return place;
}

void admission_desk::leave_line(std::uint64_t place) {
  const auto before = held_in(waiting_);
  waiting_.leave(place);
  parts_.environment.probe.carriers_waiting.add(held_in(waiting_) - before);
}

net::task<greeting> admission_desk::read_greeting(net::carrier_link* link) {
  greeting_reader reader;
  const auto deadline = parts_.environment.clock.steady_now() + parts_.greeting_limit;
  base::result<bool> complete = false;
  while (complete && !*complete) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(deadline));
    const auto state = link->receive([&reader, &complete](base::byte_view payload) {
      if (complete) {
        complete = reader.feed(payload);
      }
    });
    if (!state) {
      co_return base::fail(state.error());
    }
    if (complete && !*complete && *state == net::link_state::closed) {
      co_return base::fail(net::errc::connection_closed);
    }
  }
  if (!complete) {
    co_return base::fail(complete.error());
  }
  co_return reader.take();
}

net::task<> admission_desk::refuse(std::unique_ptr<net::carrier_link> link, refusal why) {
  auto& environment = parts_.environment;
  environment.probe.sessions_refused.add();
  environment.log.info("session_refused", {{"outcome", base::label_of(why.code)}});
  const auto bytes = encode_refusal(why.code, why.sentence);
  base::byte_view rest = bytes;
  const auto sent = link->send([&rest](base::byte_span space) {
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    rest = rest.subspan(count);
    return count;
  });
  if (sent) {
    co_await link->close(normal_closure, environment.clock.steady_now() + close_limit);
  }
  co_return base::result<void>();
}

net::task<> admission_desk::turn_away(std::unique_ptr<net::carrier_link> link,
                                      base::error failure) {
  if (is_violation(failure)) {
    parts_.environment.probe.session_errors.add();
    parts_.environment.log.info("greeting_failed", {{"outcome", failure}});
  }
  if (failure.category() == wire::wire_errors()) {
    const auto code = static_cast<wire::errc>(failure.value());
    refusal why{.code = code, .sentence = sentence_of(code)};
    co_await refuse(std::move(link), std::move(why));
  } else {
    co_await link->close(protocol_error_closure,
                         parts_.environment.clock.steady_now() + close_limit);
  }
  co_return base::fail(failure);
}

net::asio::awaitable<std::expected<std::uint32_t, admission_desk::refusal>>
admission_desk::validate(device_carrier who, wire::session_id id) {
  auto& environment = parts_.environment;
  const auto answer = co_await environment.control.validate(who.token, digest_of(id));
  const auto moment = environment.clock.system_now();
  if (!answer) {
    const auto known = parts_.validated.find(who.claims.device_id, moment);
    if (!known) {
      co_return std::unexpected(
          refusal{wire::errc::backend_unavailable, sentence_of(wire::errc::backend_unavailable)});
    }
    co_return known->policy.session_limit;
  }
  if (const auto* denied = std::get_if<denial>(&*answer)) {
    parts_.validated.forget(who.claims.device_id);
    co_return std::unexpected(refusal{code_of_denial(denied->code), denied->sentence});
  }
  const auto& allowed = std::get<allowance>(*answer);
  parts_.validated.record({.device_id = who.claims.device_id,
                           .subscription_id = allowed.subscription_id,
                           .policy = {.session_limit = allowed.session_limit},
                           .validated_at = moment});
  co_return allowed.session_limit;
}

std::shared_ptr<outline_node> admission_desk::remembered_node(const std::string& device_id) const {
  const auto known = node_of_device_.find(device_id);
  if (known == node_of_device_.end()) {
    return nullptr;
  }
  const auto node = nodes_.find(known->second);
  return node == nodes_.end() ? nullptr : node->second;
}

base::result<std::shared_ptr<outline_node>> admission_desk::learn_node(const std::string& device_id,
                                                                       const assignment& assigned) {
  if (node_of_device_.size() >= remembered_most) {
    node_of_device_.clear();
  }
  node_of_device_[device_id] = assigned.node_id;
  auto& held = nodes_[assigned.node_id];
  auto& url = access_urls_[assigned.node_id];
  if (held && url == assigned.access_url) {
    return held;
  }
  HTTVPS_TRY(auto key, shadowsocks::parse_access_key(assigned.access_url.reveal_text()));
  node_settings chosen{.id = assigned.node_id, .key = std::move(key)};
  HTTVPS_TRY(held, outline_node::make(std::move(chosen)));
  url = assigned.access_url;
  return held;
}

net::asio::awaitable<std::expected<std::shared_ptr<outline_node>, admission_desk::refusal>>
admission_desk::assign(device_carrier who) {
  auto& environment = parts_.environment;
  const auto assigned = co_await environment.control.assign(who.token, parts_.region);
  if (!assigned) {
    if (auto node = remembered_node(who.claims.device_id)) {
      co_return node;
    }
    const auto code = assigned.error() == control_errc::no_node_available
                          ? wire::errc::no_node_available
                          : wire::errc::backend_unavailable;
    co_return std::unexpected(refusal{code, sentence_of(code)});
  }
  const auto node = learn_node(who.claims.device_id, *assigned);
  if (!node) {
    environment.log.error("access_key_unusable",
                          {{"node_id", assigned->node_id}, {"outcome", node.error()}});
    co_return std::unexpected(
        refusal{wire::errc::no_node_available, sentence_of(wire::errc::no_node_available)});
  }
  co_return *node;
}

std::optional<wire::errc> admission_desk::objection_to(const device_carrier& who,
                                                       const greeting& hello) const {
  if (draining_) {
    return wire::errc::gateway_draining;
  }
  if (hello.may_create == wire::creation::forbidden) {
    return wire::errc::session_gone;
  }
  if (parts_.sessions.find(who.claims.device_id, hello.session)) {
    return wire::errc::carrier_limit;
  }
  if (parts_.environment.usage.is_full()) {
    return wire::errc::usage_backlog_full;
  }
  const auto judged = judged_now_.find(who.claims.device_id);
  if (judged != judged_now_.end() && judged->second >= judged_at_once_most) {
    return wire::errc::session_limit;
  }
  return std::nullopt;
}

void admission_desk::note_judged(const std::string& device_id) {
  const auto found = judged_now_.find(device_id);
  if (--found->second == 0) {
    judged_now_.erase(found);
  }
}

net::asio::awaitable<admission_desk::verdict> admission_desk::judge(device_carrier who,
                                                                    greeting hello) {
  const auto refused = [](wire::errc code) {
    return std::unexpected(refusal{code, sentence_of(code)});
  };
  if (const auto against = objection_to(who, hello)) {
    co_return refused(*against);
  }
  ++judged_now_[who.claims.device_id];
  const base::scope_exit judged([this, device = who.claims.device_id] { note_judged(device); });
  const auto limit = co_await validate(who, hello.session);
  if (!limit) {
    co_return std::unexpected(limit.error());
  }
  auto node = co_await assign(who);
  if (!node) {
    co_return std::unexpected(node.error());
  }
  session_terms terms{.number = next_number(),
                      .id = hello.session,
                      .device_id = who.claims.device_id,
                      .token = who.token,
                      .admits = admission::everything,
                      .node = *node};
  session_claim wanted{
      .device_id = terms.device_id, .id = terms.id, .number = terms.number, .limit = *limit};
  if (const auto claimed = co_await parts_.directory.claim(std::move(wanted)); !claimed) {
    co_return refused(wire::errc::carrier_limit);
  }
  co_return terms;
}

net::task<> admission_desk::host(std::unique_ptr<net::carrier_link> link, greeting hello,
                                 session_terms terms) {
  const bool counted = terms.admits == admission::everything;
  const auto number = terms.number;
  const auto device_id = terms.device_id;
  if (counted) {
    parts_.environment.usage.open(number, terms.node->id(), terms.token);
  }
  parts_.environment.log.info(
      "session_opened",
      {{"device_id", device_id},
       {"node_id", counted ? std::string_view(terms.node->id()) : std::string_view("control")}});
  const auto session = std::make_shared<hosted_session>(parts_.environment, std::move(terms));
  parts_.sessions.add(session);
  const auto outcome =
      co_await session->run(std::move(link), std::move(hello.attachment), std::move(hello.rest));
  parts_.sessions.remove(*session);
  if (counted) {
    parts_.environment.usage.close(number);
    parts_.directory.release(device_id, number);
  }
  co_return outcome;
}

session_terms admission_desk::control_terms(std::string holder, std::string token,
                                            const wire::session_id& id) {
  return {.number = next_number(),
          .id = id,
          .device_id = std::move(holder),
          .token = std::move(token),
          .admits = admission::control_only,
          .node = nullptr};
}

net::task<> admission_desk::admit(std::unique_ptr<net::carrier_link> link, device_carrier who) {
  const auto place = wait_in_line(*link, who.claims.device_id);
  const base::scope_exit left([this, place] { leave_line(place); });
  auto hello = co_await read_greeting(link.get());
  if (!hello) {
    const auto failure = hello.error();
    co_return co_await turn_away(std::move(link), failure);
  }
  if (who.grace != token_grace::live_session) {
    leave_line(place);
  }
  auto terms = co_await terms_for(std::move(who), *hello);
  if (terms) {
    co_return co_await host(std::move(link), std::move(*hello), std::move(*terms));
  } else {
    co_return co_await refuse(std::move(link), std::move(terms.error()));
  }
}

net::asio::awaitable<admission_desk::verdict> admission_desk::terms_for(device_carrier who,
                                                                        greeting hello) {
  if (who.grace == token_grace::live_session) {
    co_return control_terms(std::move(who.claims.device_id), std::move(who.token), hello.session);
  }
  co_return co_await judge(std::move(who), std::move(hello));
}

net::task<> admission_desk::admit(std::unique_ptr<net::carrier_link> link, control_carrier who) {
  const auto* ticket = std::get_if<ticket_admission>(&who.holder);
  auto holder = ticket != nullptr ? ticket->claims.ticket_id
                                  : std::get<identity::access_claims>(who.holder).device_id;
  const auto place = wait_in_line(*link, holder);
  const base::scope_exit left([this, place] { leave_line(place); });
  auto hello = co_await read_greeting(link.get());
  if (!hello) {
    const auto failure = hello.error();
    co_return co_await turn_away(std::move(link), failure);
  }
  auto terms = control_terms(std::move(holder), std::move(who.token), hello->session);
  co_return co_await host(std::move(link), std::move(*hello), std::move(terms));
}

void admission_desk::drain() {
  draining_ = true;
}

}
