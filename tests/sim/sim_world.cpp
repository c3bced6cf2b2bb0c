#include "sim_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::duration longest_run = 20h;

bool ends_early(fate what) {
  return what == fate::loses_its_carrier || what == fate::is_never_resumed;
}

}

sim_world::sim_world(fate what, std::uint64_t seed)
    : random_(seed),
      plan_(draw_scenario(what, random_)),
      client_(parts_of(wire::role::client)),
      gateway_(parts_of(wire::role::gateway)) {}

sim_host::parts sim_world::parts_of(wire::role role) {
  const auto* name = role == wire::role::client ? "client" : "gateway";
  return {.role = role,
          .plan = plan_,
          .time = time_,
          .random = random_,
          .fail = [this, name](const std::string& why) { fail(fmt::format("{}: {}", name, why)); },
          .dial = [this] { dial(); },
          .hang_up = [this, role](line_number line, parting how) { hang_up(role, line, how); }};
}

void sim_world::fail(std::string why) {
  if (outcome_.failure.empty()) {
    const auto at = (time_.now().time_since_epoch() - 1h) / 1us;
    outcome_.failure = fmt::format("{} at {} us\n{}", why, at, describe(plan_));
  }
}

void sim_world::take_turn(std::size_t left) {
  if (left == 0) {
    acting_ = false;
    client_.start_closing();
    gateway_.start_closing();
    close_round();
    return;
  }
  auto& side = happens(random_, 55) ? client_ : gateway_;
  side.act();
  time_.after(up_to(random_, plan_.pause_most), [this, left] { take_turn(left - 1); });
}

void sim_world::close_round() {
  client_.close_some();
  gateway_.close_some();
  time_.after(250ms, [this] { close_round(); });
}

bool sim_world::over() const {
  if (!outcome_.failure.empty()) {
    return true;
  }
  if (ends_early(plan_.fate)) {
    return client_.session().ended() && (gateway_.session().ended() || !gateway_.met_client());
  }
  return !acting_ && faults_left_ == 0 && client_.quiet() && gateway_.quiet();
}

void sim_world::run_until_over() {
  const auto start = time_.now();
  while (!over() && time_.run_next()) {
    if (time_.now() - start > longest_run) {
      fail(fmt::format("the sessions never come to rest: client has {} streams{}, gateway {}{}",
                       client_.session().open_streams(), client_.unfinished(),
                       gateway_.session().open_streams(), gateway_.unfinished()));
    }
  }
}

void sim_world::count_what_was_seen() {
  for (const auto* side : {&client_, &gateway_}) {
    outcome_.streams += side->apps().size();
    outcome_.seen += side->seen();
    for (const auto& [stream, app] : side->apps()) {
      outcome_.bytes += app.received;
      outcome_.resets += app.saw_reset ? 1 : 0;
    }
  }
}

outcome sim_world::run() {
  for (std::size_t i = 0; i < plan_.carriers; ++i) {
    dial();
  }
  plan_faults();
  take_turn(plan_.actions);
  run_until_over();
  check_end();
  count_what_was_seen();
  return outcome_;
}

void sim_world::check_end() {
  if (!outcome_.failure.empty()) {
    return;
  }
  if (client_.pool_used() != 0 || gateway_.pool_used() != 0) {
    fail(fmt::format("memory is left: client {}, gateway {}", client_.pool_used(),
                     gateway_.pool_used()));
  }
  if (ends_early(plan_.fate)) {
    check_death();
  } else {
    check_lives();
  }
}

void sim_world::check_death() {
  for (const auto* side : {&client_, &gateway_}) {
    if (side == &gateway_ && !gateway_.met_client()) {
      continue;
    }
    if (side->ended_with() != wire::errc::carrier_lost) {
      fail("the session did not end with carrier_lost");
    }
    for (const auto& [stream, app] : side->apps()) {
      const bool sent = app.ended != own_end::none || app.saw_stop;
      const bool received = app.saw_finish || app.told_to_stop;
      if (!app.saw_reset && app.ended != own_end::reset && !(sent && received)) {
        fail(fmt::format("stream {} was not told of the lost carrier:{}",
                         static_cast<std::uint64_t>(stream), side->unfinished()));
      }
    }
  }
}

void sim_world::check_balance(const sim_host& sender, const sim_host& receiver) {
  const auto out = sender.session().credit();
  const auto in = receiver.session().credit();
  if (out.sending != in.received || in.consumed != in.received) {
    fail(fmt::format("session credit leaked: sent {}, received {}, consumed {}", out.sending,
                     in.received, in.consumed));
  }
}

void sim_world::check_stream(wire::stream_id stream, const app_stream& reader,
                             const app_stream& writer) {
  const auto id = static_cast<std::uint64_t>(stream);
  if (reader.received > writer.written) {
    fail(fmt::format("stream {} received {} of {} bytes", id, reader.received, writer.written));
  }
  const bool whole = reader.saw_finish && !reader.told_to_stop;
  if (whole && writer.ended != own_end::finished && writer.ended != own_end::reset) {
    fail(fmt::format("stream {} finished although its writer did not", id));
  }
  const bool failed = reader.saw_reset == failure_code && !reader.told_to_stop;
  if ((whole || failed) && reader.received != writer.written) {
    fail(fmt::format("stream {} ended at {} of {} bytes", id, reader.received, writer.written));
  }
}

void sim_world::check_lives() {
  check_balance(client_, gateway_);
  check_balance(gateway_, client_);
  for (const auto& [stream, remote] : gateway_.apps()) {
    const auto found = client_.apps().find(stream);
    if (found == client_.apps().end()) {
      fail("the gateway has a stream that the client did not open");
      return;
    }
    check_stream(stream, remote, found->second);
    check_stream(stream, found->second, remote);
  }
}

}
