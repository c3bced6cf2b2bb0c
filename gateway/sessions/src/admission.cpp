#include "httvps/gateway/sessions/admission.hpp"

#include <functional>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "violation.hpp"

namespace httvps::gateway {
namespace {

constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::uint16_t protocol_error_closure = 1002;
constexpr std::size_t waiting_for_creation_most = 16;
constexpr auto creation_limit = std::chrono::seconds(15);

std::int64_t held_in(const waiting_room& room) {
  return static_cast<std::int64_t>(room.size());
}

std::shared_ptr<void> hold_until_dropped(std::function<void()> leave) {
  return std::make_shared<base::scope_exit<std::function<void()>>>(std::move(leave));
}

}

std::shared_ptr<void> admission_desk::wait_in_line(net::carrier_link& link,
                                                   const std::string& holder) {
  const auto place = ++last_place_;
  const auto before = held_in(waiting_);
  if (waiting_.enter(place, holder, link.stream().socket().ender()) ==
      waiting_room::outcome::dropped_oldest) {
    parts_.environment.probe.carriers_dropped.add();
  }
  parts_.environment.probe.carriers_waiting.add(held_in(waiting_) - before);
  return hold_until_dropped([this, place] { leave_line(place); });
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
  auto bytes = encode_refusal(why.code, why.sentence);
  co_await send_refusal(std::move(link), std::move(bytes),
                        environment.clock.steady_now() + close_limit);
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
    co_await refuse(std::move(link), refusal_with(code));
  } else {
    co_await link->close(protocol_error_closure,
                         parts_.environment.clock.steady_now() + close_limit);
  }
  co_return base::fail(failure);
}

net::task<> admission_desk::refuse(std::unique_ptr<net::carrier_link> link, wire::errc code) {
  return refuse(std::move(link), refusal_with(code));
}

std::optional<wire::errc> admission_desk::objection_to(const newcomer& arrived) const {
  if (draining_) {
    return wire::errc::gateway_draining;
  }
  if (arrived.hello.may_create == wire::creation::permitted && parts_.environment.usage.is_full()) {
    return wire::errc::usage_backlog_full;
  }
  return judge_.is_busy_with(arrived.who.claims.device_id)
             ? std::optional(wire::errc::session_limit)
             : std::nullopt;
}

net::task<> admission_desk::wait_for(session_name name) {
  auto created = std::make_shared<net::event>(parts_.environment.runs_on);
  in_creation_[name].push_back(created);
  co_return co_await created->wait(parts_.environment.clock.steady_now() + creation_limit);
}

void admission_desk::finish_creation(const session_name& name) {
  const auto waiting = in_creation_.extract(name);
  for (const auto& each : waiting.mapped()) {
    each->notify();
  }
}

carriage::carrier_arrival admission_desk::carrier_of(newcomer& arrived, admission admits) {
  auto lease = std::move(arrived.carrier.lease);
  if (admits == admission::control_only) {
    lease = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(
        std::move(lease), std::move(arrived.place));
  }
  arrived.place.reset();
  return {.link = std::move(arrived.carrier.link),
          .how = std::move(arrived.hello.attachment),
          .early = std::move(arrived.hello.rest),
          .lease = std::move(lease)};
}

net::task<> admission_desk::join(std::shared_ptr<hosted_session> session, newcomer arrived) {
  auto next = carrier_of(arrived, session->terms().admits);
  const auto joined = session->join(next);
  if (joined && arrived.who.grace == token_grace::none && !arrived.who.token.empty()) {
    session->use_token(std::move(arrived.who.token));
  }
  if (!joined) {
    const auto code = static_cast<wire::errc>(joined.error().value());
    co_return co_await refuse(std::move(next.link), code);
  }
  co_return joined;
}

net::task<> admission_desk::place(newcomer arrived) {
  const session_name name{arrived.who.claims.device_id, arrived.hello.session};
  while (in_creation_.contains(name)) {
    if (in_creation_[name].size() >= waiting_for_creation_most) {
      co_return co_await refuse(std::move(arrived.carrier.link), wire::errc::carrier_limit);
    }
    HTTVPS_CO_CHECK(co_await wait_for(name));
  }
  if (auto session = parts_.sessions.find(name.first, name.second)) {
    co_return co_await join(std::move(session), std::move(arrived));
  }
  const bool graced = arrived.who.grace == token_grace::live_session;
  session_claim claimed{
      .device_id = name.first,
      .id = name.second,
      .number = next_number(),
      .may_create = graced ? wire::creation::forbidden : arrived.hello.may_create};
  in_creation_[name];
  const auto owner = co_await parts_.directory.claim(claimed);
  if (owner && *owner == claimed.number) {
    co_return co_await create(std::move(arrived), std::move(claimed));
  }
  finish_creation(name);
  if (owner && !is_mine(*owner)) {
    arrived.place.reset();
    parts_.directory.hand_over(*owner, std::move(arrived));
    co_return base::result<void>();
  }
  const bool may_renew = graced && !owner && arrived.hello.may_create == wire::creation::permitted;
  if (!may_renew) {
    co_return co_await refuse(std::move(arrived.carrier.link), wire::errc::session_gone);
  } else {
    auto terms = control_terms(std::move(arrived.who.claims.device_id),
                               std::move(arrived.who.token), name.second);
    co_return co_await host(std::move(arrived), std::move(terms));
  }
}

net::task<> admission_desk::create(newcomer arrived, session_claim claimed) {
  const session_name name{claimed.device_id, claimed.id};
  const auto number = claimed.number;
  const base::scope_exit created([this, &name] { finish_creation(name); });
  if (const auto against = objection_to(arrived)) {
    parts_.directory.release(name.first, number);
    co_return co_await refuse(std::move(arrived.carrier.link), *against);
  }
  auto terms = co_await judge_.judge(arrived.who, std::move(claimed));
  if (!terms) {
    parts_.directory.release(name.first, number);
    co_return co_await refuse(std::move(arrived.carrier.link), std::move(terms.error()));
  } else {
    co_return co_await host(std::move(arrived), std::move(*terms));
  }
}

net::task<> admission_desk::host(newcomer arrived, session_terms terms) {
  const bool counted = terms.admits == admission::everything;
  if (counted) {
    terms.meter = parts_.environment.usage.open(terms.number, terms.nodes.first->id(), terms.token);
  }
  parts_.environment.log.info("session_opened",
                              {{"device_id", terms.device_id},
                               {"node_id", counted ? std::string_view(terms.nodes.first->id())
                                                   : std::string_view("control")}});
  const auto session =
      std::make_shared<hosted_session>(parts_.environment, std::move(terms), *this);
  parts_.sessions.add(session);
  if (counted) {
    keeper_.hold(session);
  }
  auto first = carrier_of(arrived, session->terms().admits);
  const auto started = session->start(first);
  if (!started) {
    const auto code = static_cast<wire::errc>(started.error().value());
    session->end(code);
    co_return co_await refuse(std::move(first.link), code);
  }
  co_return started;
}

void admission_desk::note_attachment(hosted_session& session) {
  if (session.terms().admits == admission::everything) {
    parts_.directory.note(
        session.terms().device_id, session.terms().number,
        session.is_detached() ? attachment_state::detached : attachment_state::attached);
  }
}

void admission_desk::strike_out(hosted_session& session) {
  const auto& terms = session.terms();
  if (terms.admits == admission::everything) {
    parts_.environment.usage.close(terms.number);
    parts_.directory.release(terms.device_id, terms.number);
    keeper_.drop(session);
  }
  parts_.sessions.remove(session);
}

session_terms admission_desk::control_terms(std::string holder, std::string token,
                                            const wire::session_id& id) {
  return {.number = next_number(),
          .id = id,
          .device_id = std::move(holder),
          .token = std::move(token),
          .admits = admission::control_only,
          .nodes = {}};
}

net::task<> admission_desk::admit(carrier_arrival carrier, device_carrier who) {
  auto place_in_line = wait_in_line(*carrier.link, who.claims.device_id);
  auto hello = co_await read_greeting(carrier.link.get());
  if (!hello) {
    const auto failure = hello.error();
    co_return co_await turn_away(std::move(carrier.link), failure);
  }
  newcomer arrived{.carrier = std::move(carrier),
                   .place = std::move(place_in_line),
                   .who = std::move(who),
                   .hello = std::move(*hello)};
  if (auto process = process_of(arrived)) {
    co_return co_await pass_on(std::move(arrived), std::move(process));
  }
  if (arrived.who.grace != token_grace::live_session) {
    arrived.place.reset();
  }
  co_return co_await place(std::move(arrived));
}

net::task<> admission_desk::admit(carrier_arrival carrier, control_carrier who) {
  const auto* ticket = std::get_if<ticket_admission>(&who.holder);
  auto holder = ticket != nullptr ? ticket->claims.ticket_id
                                  : std::get<identity::access_claims>(who.holder).device_id;
  auto place_in_line = wait_in_line(*carrier.link, holder);
  auto hello = co_await read_greeting(carrier.link.get());
  if (!hello) {
    const auto failure = hello.error();
    co_return co_await turn_away(std::move(carrier.link), failure);
  }
  auto terms = control_terms(std::move(holder), std::move(who.token), hello->session);
  newcomer arrived{.carrier = std::move(carrier),
                   .place = std::move(place_in_line),
                   .who = {},
                   .hello = std::move(*hello)};
  co_return co_await host(std::move(arrived), std::move(terms));
}

void admission_desk::drain() {
  draining_ = true;
}

void admission_desk::undrain() {
  draining_ = false;
}

}
