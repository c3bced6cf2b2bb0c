#include "plain_pair.hpp"

#include <algorithm>

namespace httvps::sim {
namespace {

constexpr byte_count turn_most = 65'536;

wire::session_id fixed_id() {
  wire::session_id id{};
  id.fill(5);
  return id;
}

}

plain_side::plain_side(wire::role role, timeline& time, std::uint64_t seed)
    : time_(time),
      random_(seed),
      session_({.role = role, .id = fixed_id()}, pool_, random_),
      role_(role) {}

std::size_t plain_side::on_data(wire::stream_id stream, wire::byte_view payload) {
  return stalled.contains(stream) ? 0 : payload.size();
}

void plain_side::take(wire::carrier_number number, wire::byte_view bytes) {
  const auto facts = session_.carriers();
  const bool known = std::ranges::find(facts, number, &wire::carrier_facts::number) != facts.end();
  if (!known && role_ == wire::role::gateway) {
    const auto found = greeting_[number].next(bytes);
    if (!found || !*found) {
      return;
    }
    const auto& hello = std::get<wire::hello_frame>(**found);
    auto how = wire::attachment_of(hello, std::move(greeting_[number]));
    static_cast<void>(session_.attach(std::move(how), time_.now()));
  }
  static_cast<void>(session_.receive(number, bytes, *this, time_.now()));
  pump();
}

void plain_side::send(wire::stream_id stream, byte_count count) {
  left_[stream] += count;
  push(stream);
}

void plain_side::push(wire::stream_id stream) {
  auto& left = left_[stream];
  const byte_count kept_for_later = left > turn_most ? left - turn_most : 0;
  while (left > kept_for_later) {
    const auto space = session_.reserve(
        stream, static_cast<std::size_t>(std::min<byte_count>(left, wire::data_payload_most)));
    const auto count = static_cast<std::size_t>(std::min<byte_count>(space.size(), left));
    if (count == 0) {
      break;
    }
    std::ranges::fill(space.first(count), std::uint8_t{1});
    session_.commit(stream, count);
    left -= count;
  }
  if (left > 0) {
    session_.await_room(stream, 1);
  } else {
    session_.finish(stream, time_.now());
  }
}

void plain_side::poll_events() {
  while (const auto event = session_.poll_event()) {
    if (const auto* fresh = std::get_if<wire::stream_opened>(&*event)) {
      opened.push_back(fresh->stream);
    } else if (const auto* done = std::get_if<wire::stream_finished>(&*event)) {
      finished_at[done->stream] = time_.now();
    } else if (const auto* room = std::get_if<wire::stream_writable>(&*event)) {
      push(room->stream);
    }
  }
}

void plain_side::pump() {
  poll_events();
  for (const auto& [number, out] : outs_) {
    while (out->writable() && session_.has_output(number, time_.now())) {
      base::byte_vector bytes(65'536);
      bytes.resize(session_.produce(number, bytes, time_.now()));
      if (bytes.empty()) {
        break;
      }
      out->push(std::move(bytes));
    }
  }
  poll_events();
  arm();
}

void plain_side::arm() {
  const auto wanted = session_.deadline();
  if (!wanted || (armed_ && *armed_ <= *wanted)) {
    return;
  }
  armed_ = *wanted;
  time_.at(*wanted, [this, when = *wanted] {
    if (armed_ == when) {
      armed_.reset();
      session_.tick(time_.now());
      pump();
    }
  });
}

plain_pair::plain_pair(std::size_t carriers, path_quality path)
    : client(wire::role::client, time, 1), gateway(wire::role::gateway, time, 2) {
  for (std::size_t i = 1; i <= carriers; ++i) {
    const wire::carrier_number number{i};
    auto& up = *pipes_.emplace_back(std::make_unique<pipe>(
        time, path, random_,
        pipe::ends{.to = [this, number](auto bytes) { gateway.take(number, bytes); },
                   .room = [this] { client.pump(); }}));
    auto& down = *pipes_.emplace_back(std::make_unique<pipe>(
        time, path, random_,
        pipe::ends{.to = [this, number](auto bytes) { client.take(number, bytes); },
                   .room = [this] { gateway.pump(); }}));
    client.add(number, up);
    gateway.add(number, down);
    static_cast<void>(client.session().attach({.carrier = number}, time.now()));
  }
  client.pump();
}

void plain_pair::run_until(base::steady_time end) {
  while (time.now() < end && time.run_next()) {
  }
}

}
