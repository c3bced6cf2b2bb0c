#include "frame_sizes.hpp"
#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

std::size_t size_of(std::span<const receive_state> streams) {
  std::size_t size = varint_size(streams.size());
  for (const auto& [stream, received, limit] : streams) {
    size += size_of(stream) + varint_size(received) + varint_size(limit);
  }
  return size;
}

}

void frame_writer::add_states(std::span<const receive_state> streams) {
  add(streams.size());
  for (const auto& [stream, received, limit] : streams) {
    add(number_of(stream));
    add(received);
    add(limit);
  }
}

bool frame_writer::put(const hello_frame& frame, std::span<const receive_state> streams) {
  const std::size_t body = varint_size(frame.version) + varint_size(frame.capabilities) +
                           frame.session.size() + varint_size(number_of(frame.carrier)) + 1 +
                           frame.epoch.size() + varint_size(frame.down_budget) +
                           varint_size(frame.session_limit) + frame.signature.size() +
                           size_of(streams);
  if (!begin(frame_kind::hello, body)) {
    return false;
  }
  add(frame.version);
  add(frame.capabilities);
  add_bytes(frame.session);
  add(number_of(frame.carrier));
  add_byte(static_cast<std::uint8_t>(static_cast<unsigned>(frame.may_create) |
                                     static_cast<unsigned>(frame.proof) << 1U));
  add_bytes(frame.epoch);
  add(frame.down_budget);
  add(frame.session_limit);
  add_bytes(frame.signature);
  add_states(streams);
  return true;
}

bool frame_writer::put(const welcome_frame& frame, std::span<const receive_state> streams) {
  const std::size_t body = varint_size(frame.version) + varint_size(frame.capabilities) +
                           frame.epoch.size() + varint_size(frame.detached_seconds) +
                           varint_size(frame.session_limit) + size_of(frame.direct_host) +
                           size_of(streams);
  if (!begin(frame_kind::welcome, body)) {
    return false;
  }
  add(frame.version);
  add(frame.capabilities);
  add_bytes(frame.epoch);
  add(frame.detached_seconds);
  add(frame.session_limit);
  add_text(frame.direct_host);
  add_states(streams);
  return true;
}

bool frame_writer::put(const refuse_frame& frame) {
  const std::size_t body =
      varint_size(frame.code) + varint_size(frame.retry_after_seconds) + size_of(frame.sentence);
  if (frame.sentence.size() > sentence_most || !begin(frame_kind::refuse, body)) {
    return false;
  }
  add(frame.code);
  add(frame.retry_after_seconds);
  add_text(frame.sentence);
  return true;
}

bool frame_writer::put(const challenge_frame& frame) {
  if (frame.nonce.size() != 32 || !begin(frame_kind::challenge, frame.nonce.size())) {
    return false;
  }
  add_bytes(frame.nonce);
  return true;
}

}
