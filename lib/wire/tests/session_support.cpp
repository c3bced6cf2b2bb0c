#include "session_support.hpp"

#include <gtest/gtest.h>

namespace httvps::wire {

stream_id open_stream(machine_pair& pair, byte_view payload) {
  const auto id = pair.client.session.open(web, payload, pair.now);
  EXPECT_TRUE(id);
  pair.exchange();
  return id.value_or(stream_id{});
}

base::byte_vector produce_all(machine& from, carrier_number carrier, base::steady_time now) {
  base::byte_vector bytes(65536);
  bytes.resize(from.session.produce(carrier, bytes, now));
  return bytes;
}

errc inject(machine_pair& pair, machine& into, const frame& value) {
  return inject_bytes(pair, into, encode(value));
}

errc inject_bytes(machine_pair& pair, machine& into, byte_view bytes) {
  const auto outcome = into.session.receive(pair.carrier, bytes, into, pair.now);
  into.drain_events();
  return outcome ? errc{} : static_cast<errc>(outcome.error().value());
}

std::vector<frame> frames_in(byte_view bytes) {
  frame_reader reader;
  std::vector<frame> frames;
  while (true) {
    auto found = reader.next(bytes);
    if (!found || !*found) {
      EXPECT_TRUE(found);
      return frames;
    }
    frames.push_back(std::move(**found));
  }
}

base::byte_vector acknowledgement_of(stream_id stream, byte_count offset) {
  const stream_offset entry{stream, offset};
  base::byte_vector bytes(64);
  frame_writer writer(bytes);
  EXPECT_TRUE(writer.put_acks(std::span(&entry, 1)));
  bytes.resize(writer.written());
  return bytes;
}

void lose_carrier(machine_pair& pair) {
  pair.client.session.detach(pair.carrier, pair.now);
  pair.gateway.session.detach(pair.carrier, pair.now);
}

void pour(machine_pair& pair, stream_id id) {
  for (int i = 0; i < 400; ++i) {
    pair.client.send_pattern(id, base::mebibyte);
    pair.step(pair.client, pair.gateway);
    pair.now += std::chrono::milliseconds(1);
    pair.step(pair.gateway, pair.client);
  }
}

}
