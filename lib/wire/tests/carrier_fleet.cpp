#include "carrier_fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace httvps::wire {

void carrier_fleet::dial(std::uint64_t number) {
  wires_[carrier_number{number}] = {};
  EXPECT_TRUE(client.session.attach({.carrier = carrier_number{number}}, now));
}

void carrier_fleet::establish(std::uint64_t number) {
  dial(number);
  exchange();
}

void carrier_fleet::lose(std::uint64_t number) {
  client.session.detach(carrier_number{number}, now);
  gateway.session.detach(carrier_number{number}, now);
  freeze(number);
}

void carrier_fleet::freeze(std::uint64_t number) {
  auto& each = wire_of(number);
  each.up_frozen = each.down_frozen = true;
  each.up.clear();
  each.down.clear();
}

bool carrier_fleet::write_once(machine& from) {
  bool wrote = false;
  for (auto& [number, each] : wires_) {
    if (!from.session.has_output(number, now)) {
      continue;
    }
    const auto bytes = produce_all(from, number, now);
    const bool up = from.side == role::client;
    base::append(up ? each.up_log : each.down_log, bytes);
    if (!(up ? each.up_frozen : each.down_frozen)) {
      base::append(up ? each.up : each.down, bytes);
    }
    wrote = wrote || !bytes.empty();
  }
  return wrote;
}

void carrier_fleet::write(machine& from) {
  while (write_once(from)) {
  }
}

void carrier_fleet::greet(carrier_number number, byte_view& bytes) {
  frame_reader reader;
  const auto found = reader.next(bytes);
  const auto& hello = std::get<hello_frame>(found.value().value());
  EXPECT_EQ(hello.carrier, number);
  EXPECT_TRUE(gateway.session.attach(attachment_of(hello), now));
}

bool carrier_fleet::deliver_once(machine& to, carrier_number number) {
  auto& each = wires_[number];
  const auto held = std::exchange(to.side == role::gateway ? each.up : each.down, {});
  byte_view rest = held;
  const auto all = to.session.carriers();
  const bool known = std::ranges::find(all, number, &carrier_facts::number) != all.end();
  if (rest.empty() || (!known && to.side == role::client)) {
    return false;
  }
  if (!known) {
    greet(number, rest);
  }
  const auto outcome = to.session.receive(number, rest, to, now);
  EXPECT_TRUE(outcome || to.session.ended());
  to.drain_events();
  return true;
}

bool carrier_fleet::deliver() {
  bool moved = false;
  for (const auto& [number, each] : wires_) {
    moved = deliver_once(gateway, number) || moved;
    moved = deliver_once(client, number) || moved;
  }
  client.drain_events();
  gateway.drain_events();
  return moved;
}

void carrier_fleet::exchange() {
  for (bool busy = true; busy;) {
    busy = write_once(client);
    busy = write_once(gateway) || busy;
    busy = deliver() || busy;
  }
}

void carrier_fleet::pass(base::duration span) {
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

stream_id carrier_fleet::open(std::uint64_t carrier) {
  const auto streams_on = [this, carrier] {
    return facts_of(client.session.carriers(), carrier).streams;
  };
  const auto before = streams_on();
  const auto id = client.session.open(web, {}, now).value_or(stream_id{});
  EXPECT_EQ(streams_on(), before + 1) << "the stream took another carrier";
  exchange();
  return id;
}

void carrier_fleet::forget_logs() {
  for (auto& [number, each] : wires_) {
    each.up_log.clear();
    each.down_log.clear();
  }
}

const carrier_facts& facts_of(const std::vector<carrier_facts>& all, std::uint64_t number) {
  static const carrier_facts none;
  const auto found = std::ranges::find(all, carrier_number{number}, &carrier_facts::number);
  EXPECT_NE(found, all.end());
  return found == all.end() ? none : *found;
}

byte_count payload_in(const std::vector<frame>& frames) {
  byte_count sum = 0;
  for (const auto& each : frames) {
    if (const auto* data = std::get_if<data_frame>(&each)) {
      sum += data->payload.size();
    }
  }
  return sum;
}

}
