#include "httvps/wire/frame_encoder.hpp"

#include "frame_sizes.hpp"
#include "httvps/wire/limits.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {
namespace {

struct target_size {
  std::size_t operator()(const domain_target& where) const { return 4 + where.name.size(); }
  std::size_t operator()(const ipv4_target&) const { return 7; }
  std::size_t operator()(const ipv6_target&) const { return 19; }
  std::size_t operator()(const reserved_target& where) const { return 2 + where.name.size(); }
};

std::size_t size_of(const target& where) {
  return std::visit(target_size{}, where);
}

std::size_t size_of(std::span<const stream_offset> streams) {
  std::size_t size = varint_size(streams.size());
  for (const auto& [stream, offset] : streams) {
    size += size_of(stream) + varint_size(offset);
  }
  return size;
}

}

bool frame_writer::begin(frame_kind kind, std::size_t body) {
  const std::size_t head = 1 + varint_size(body);
  if (body > frame_body_most || room() < head + body) {
    return false;
  }
  add_byte(static_cast<std::uint8_t>(kind));
  add(body);
  return true;
}

void frame_writer::add(std::uint64_t value) {
  used_ += write_varint(out_.subspan(used_), value);
}

void frame_writer::add_byte(std::uint8_t value) {
  out_[used_++] = value;
}

void frame_writer::add_bytes(byte_view bytes) {
  base::copy_bytes(out_.subspan(used_), bytes);
  used_ += bytes.size();
}

void frame_writer::add_text(std::string_view text) {
  add(text.size());
  add_bytes(base::as_bytes(text));
}

void frame_writer::add_target(const target& where) {
  struct writer {
    frame_writer& out;
    void port(std::uint16_t number) const {
      out.add_byte(static_cast<std::uint8_t>(number >> 8U));
      out.add_byte(static_cast<std::uint8_t>(number));
    }
    void name(std::uint8_t type, std::string_view text) const {
      out.add_byte(type);
      out.add_byte(static_cast<std::uint8_t>(text.size()));
      out.add_bytes(base::as_bytes(text));
    }
    void operator()(const domain_target& domain) const {
      name(1, domain.name);
      port(domain.port);
    }
    void operator()(const ipv4_target& ipv4) const {
      out.add_byte(2);
      out.add_bytes(ipv4.address);
      port(ipv4.port);
    }
    void operator()(const ipv6_target& ipv6) const {
      out.add_byte(3);
      out.add_bytes(ipv6.address);
      port(ipv6.port);
    }
    void operator()(const reserved_target& reserved) const { name(4, reserved.name); }
  };
  std::visit(writer{*this}, where);
}

void frame_writer::add_offsets(std::span<const stream_offset> streams) {
  add(streams.size());
  for (const auto& [stream, offset] : streams) {
    add(number_of(stream));
    add(offset);
  }
}

byte_span frame_writer::reserve_open(stream_id stream, const target& where, std::size_t count) {
  if (!begin(frame_kind::open, size_of(stream) + size_of(where) + count)) {
    return {};
  }
  add(number_of(stream));
  add_target(where);
  const auto payload = out_.subspan(used_, count);
  used_ += count;
  return payload;
}

bool frame_writer::put(const open_frame& frame) {
  const auto before = used_;
  const auto payload = reserve_open(frame.stream, frame.target, frame.payload.size());
  if (used_ == before) {
    return false;
  }
  base::copy_bytes(payload, frame.payload);
  return true;
}

byte_span frame_writer::reserve_data(stream_id stream, byte_count offset, std::size_t count) {
  if (!begin(frame_kind::data, size_of(stream) + varint_size(offset) + count)) {
    return {};
  }
  add(number_of(stream));
  add(offset);
  const auto payload = out_.subspan(used_, count);
  used_ += count;
  return payload;
}

bool frame_writer::put(const data_frame& frame) {
  const auto payload = reserve_data(frame.stream, frame.offset, frame.payload.size());
  if (payload.size() != frame.payload.size() || payload.empty()) {
    return false;
  }
  base::copy_bytes(payload, frame.payload);
  return true;
}

bool frame_writer::put(const fin_frame& frame) {
  if (!begin(frame_kind::fin, size_of(frame.stream) + varint_size(frame.final_offset))) {
    return false;
  }
  add(number_of(frame.stream));
  add(frame.final_offset);
  return true;
}

bool frame_writer::put(const reset_frame& frame) {
  const std::size_t body =
      size_of(frame.stream) + varint_size(frame.code) + 1 + varint_size(frame.final_offset);
  if (!begin(frame_kind::reset, body)) {
    return false;
  }
  add(number_of(frame.stream));
  add(frame.code);
  add_byte(static_cast<std::uint8_t>(frame.when));
  add(frame.final_offset);
  return true;
}

bool frame_writer::put(const stop_frame& frame) {
  if (!begin(frame_kind::stop, size_of(frame.stream) + varint_size(frame.code))) {
    return false;
  }
  add(number_of(frame.stream));
  add(frame.code);
  return true;
}

bool frame_writer::put(const window_frame& frame, std::span<const stream_offset> streams) {
  if (!begin(frame_kind::window, varint_size(frame.session_limit) + size_of(streams))) {
    return false;
  }
  add(frame.session_limit);
  add_offsets(streams);
  return true;
}

bool frame_writer::put_acks(std::span<const stream_offset> streams) {
  if (!begin(frame_kind::ack, size_of(streams))) {
    return false;
  }
  add_offsets(streams);
  return true;
}

bool frame_writer::put(const datagram_frame& frame) {
  const std::size_t body = varint_size(frame.flow) + size_of(frame.target) + frame.payload.size();
  if (!begin(frame_kind::datagram, body)) {
    return false;
  }
  add(frame.flow);
  add_target(frame.target);
  add_bytes(frame.payload);
  return true;
}

bool frame_writer::put(const ping_frame& frame) {
  if (!begin(frame_kind::ping, frame.opaque.size())) {
    return false;
  }
  add_bytes(frame.opaque);
  return true;
}

bool frame_writer::put(const pong_frame& frame) {
  if (!begin(frame_kind::pong, frame.opaque.size())) {
    return false;
  }
  add_bytes(frame.opaque);
  return true;
}

bool frame_writer::put(const pad_frame& frame) {
  if (frame.size > pad_most || !begin(frame_kind::pad, frame.size)) {
    return false;
  }
  std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(used_), frame.size, std::uint8_t{0});
  used_ += frame.size;
  return true;
}

bool frame_writer::put(const policy_frame& frame) {
  if (!begin(frame_kind::policy, varint_size(frame.version) + frame.document.size())) {
    return false;
  }
  add(frame.version);
  add_bytes(frame.document);
  return true;
}

bool frame_writer::put(const carrier_frame& frame) {
  const std::size_t body = varint_size(number_of(frame.carrier)) + varint_size(frame.down_budget) +
                           varint_size(number_of(frame.suspect)) + varint_size(frame.bytes_sent);
  if (!begin(frame_kind::carrier, body)) {
    return false;
  }
  add(number_of(frame.carrier));
  add(frame.down_budget);
  add(number_of(frame.suspect));
  add(frame.bytes_sent);
  return true;
}

bool frame_writer::put(const goaway_frame& frame, std::span<const std::string_view> gateways) {
  std::size_t body = varint_size(frame.code) + size_of(frame.last_accepted) +
                     varint_size(frame.drain_milliseconds) + varint_size(gateways.size());
  for (const auto name : gateways) {
    body += size_of(name);
  }
  if (!begin(frame_kind::goaway, body)) {
    return false;
  }
  add(frame.code);
  add(number_of(frame.last_accepted));
  add(frame.drain_milliseconds);
  add(gateways.size());
  for (const auto name : gateways) {
    add_text(name);
  }
  return true;
}

bool frame_writer::put(const notice_frame& frame) {
  if (frame.sentence.size() > sentence_most ||
      !begin(frame_kind::notice, varint_size(frame.code) + size_of(frame.sentence))) {
    return false;
  }
  add(frame.code);
  add_text(frame.sentence);
  return true;
}

std::size_t open_overhead(stream_id stream, const target& where) noexcept {
  return 1 + varint_size(frame_body_most) + size_of(stream) + size_of(where);
}

std::size_t data_overhead(stream_id stream, byte_count offset, std::size_t payload) noexcept {
  const std::size_t prefix = size_of(stream) + varint_size(offset);
  return 1 + varint_size(prefix + payload) + prefix;
}

}
