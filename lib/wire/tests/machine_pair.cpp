#include "machine_pair.hpp"

#include <algorithm>

namespace httvps::wire {
namespace {

session_id fixed_id() {
  session_id id{};
  id.fill(7);
  return id;
}

}

machine::machine(role role, session_limits limits, base::byte_count memory, std::uint64_t seed)
    : side(role),
      random(seed),
      pool(memory),
      session({.role = role, .id = fixed_id(), .limits = limits}, pool, random) {}

void machine::check(stream_id stream, byte_view payload) {
  auto& record = streams[stream];
  const auto sender = side == role::client ? role::gateway : role::client;
  for (const auto byte : payload) {
    record.corrupt = record.corrupt || byte != pattern_byte(sender, stream, record.received);
    ++record.received;
  }
}

std::size_t machine::on_data(stream_id stream, byte_view payload) {
  const auto taken = stalled ? 0 : std::min(payload.size(), accept_most);
  check(stream, payload.first(taken));
  return taken;
}

void machine::on_datagram(const datagram_frame& datagram) {
  datagrams.push_back({.flow = datagram.flow,
                       .target = datagram.target,
                       .payload = {datagram.payload.begin(), datagram.payload.end()}});
}

std::size_t machine::send_pattern(stream_id stream, std::size_t count) {
  auto& record = streams[stream];
  base::byte_vector bytes(std::min(count, session.send_room(stream)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = pattern_byte(side, stream, record.sent + i);
  }
  const auto written = session.write(stream, bytes);
  record.sent += written;
  return written;
}

void machine::read_all(stream_id stream, base::steady_time now) {
  while (true) {
    const auto ready = session.peek(stream);
    if (ready.empty()) {
      return;
    }
    check(stream, ready);
    session.consume(stream, ready.size(), now);
  }
}

void machine::drain_events() {
  while (auto event = session.poll_event()) {
    if (const auto* fresh = std::get_if<stream_opened>(&*event)) {
      opened.push_back(*fresh);
      streams[fresh->stream];
    } else if (const auto* done = std::get_if<stream_finished>(&*event)) {
      streams[done->stream].finished = true;
    } else if (const auto* broken = std::get_if<stream_reset>(&*event)) {
      streams[broken->stream].reset = broken->code;
    } else if (const auto* halted = std::get_if<stream_stopped>(&*event)) {
      streams[halted->stream].stopped = halted->code;
    } else if (const auto* closed = std::get_if<stream_closed>(&*event)) {
      streams[closed->stream].carriers = closed->carriers;
    } else if (const auto* measured = std::get_if<carrier_measured>(&*event)) {
      round_trips.push_back(*measured);
    } else {
      other_events.push_back(*event);
    }
  }
}

machine_pair::machine_pair(session_limits limits, base::byte_count memory)
    : client(role::client, limits, memory, 1), gateway(role::gateway, limits, memory, 2) {}

void machine_pair::connect(std::uint64_t number) {
  carrier = carrier_number{number};
  const auto attached = client.session.attach({.carrier = carrier}, now);
  base::byte_vector bytes(65536);
  bytes.resize(attached ? client.session.produce(carrier, bytes, now) : 0);
  frame_reader reader;
  byte_view rest = bytes;
  const auto found = reader.next(rest);
  if (!found || !*found) {
    failure = found ? base::error(errc::frame_truncated) : found.error();
    return;
  }
  const auto& hello = std::get<hello_frame>(**found);
  if (const auto joined = gateway.session.attach(attachment_of(hello), now); !joined) {
    failure = joined.error();
    return;
  }
  if (const auto outcome = gateway.session.receive(carrier, rest, gateway, now); !outcome) {
    failure = outcome.error();
  }
  exchange();
}

bool machine_pair::step(machine& from, machine& to) {
  base::byte_vector bytes(65536);
  bytes.resize(from.session.has_output(carrier, now) ? from.session.produce(carrier, bytes, now)
                                                     : 0);
  if (bytes.empty()) {
    return false;
  }
  if (const auto outcome = to.session.receive(carrier, bytes, to, now); !outcome && !failure) {
    failure = outcome.error();
  }
  from.drain_events();
  to.drain_events();
  return true;
}

void machine_pair::exchange() {
  for (int round = 0; round < 10000; ++round) {
    const bool up = step(client, gateway);
    const bool down = step(gateway, client);
    if (!up && !down) {
      break;
    }
  }
  client.drain_events();
  gateway.drain_events();
}

void machine_pair::settle_for(base::duration span) {
  const auto end = now + span;
  exchange();
  while (now < end) {
    const auto first = client.session.deadline().value_or(end);
    const auto second = gateway.session.deadline().value_or(end);
    now = std::clamp(std::min(first, second), now + std::chrono::milliseconds(1), end);
    client.session.tick(now);
    gateway.session.tick(now);
    exchange();
  }
}

}
