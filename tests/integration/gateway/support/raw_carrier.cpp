#include "gateway/support/raw_carrier.hpp"

namespace httvps::testing {
namespace {

constexpr net::websocket_mask mask = {0x11, 0x22, 0x33, 0x44};
constexpr std::size_t frames_room = 256 * 1024;

}

std::string upgrade_request(const upgrade_terms& terms) {
  std::string request = "GET " + terms.path + " HTTP/1.1\r\nHost: localhost\r\n";
  request += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  request += "Sec-WebSocket-Version: " + terms.version + "\r\n";
  request += "Sec-WebSocket-Key: " + terms.key + "\r\n";
  if (!terms.cookie_header.empty()) {
    request += "Cookie: " + terms.cookie_header + "\r\n";
  }
  return request + "\r\n";
}

std::string knock_cookie(const secure_client& client, const tunnel_options& options) {
  const identity::channel_binding binding{.gateway_id = options.place.gateway_id,
                                          .exporter = client.exporter()};
  return options.place.cookie + "=" + options.knock(binding).value();
}

base::byte_vector encode_raw(const raw_frame& frame) {
  const auto head = net::encode_header({.opcode = net::websocket_opcode::binary,
                                        .length = frame.payload.size(),
                                        .mask = frame.masked ? &mask : nullptr});
  base::byte_vector bytes(head.view().begin(), head.view().end());
  bytes[0] = frame.first_byte;
  auto payload = frame.payload;
  if (frame.masked) {
    net::apply_mask(payload, mask);
  }
  base::append(bytes, payload);
  return bytes;
}

base::byte_vector encode_frames(const std::function<void(wire::frame_writer&)>& write) {
  base::byte_vector bytes(frames_room);
  wire::frame_writer writer(bytes);
  write(writer);
  bytes.resize(writer.written());
  return bytes;
}

base::byte_vector encode_hello(const hello_terms& terms) {
  return encode_frames([&terms](wire::frame_writer& writer) {
    const wire::hello_frame hello{.version = terms.version,
                                  .session = terms.session,
                                  .carrier = wire::carrier_number{1},
                                  .may_create = terms.may_create,
                                  .session_limit = terms.session_limit};
    writer.put(hello, {});
  });
}

raw_carrier::raw_carrier(const tunnel_options& options) : client_(options.place.port) {
  if (!client_.is_connected()) {
    return;
  }
  client_.send(upgrade_request(
      {.path = options.place.path, .cookie_header = knock_cookie(client_, options)}));
  upgraded_ = parse_response(client_.receive_response()).status == 101;
}

bool raw_carrier::send_message(base::byte_view payload) {
  return client_.send(encode_raw({.payload = {payload.begin(), payload.end()}}));
}

void raw_carrier::note(const wire::frame& frame, carrier_end& end) {
  if (const auto* refusal = std::get_if<wire::refuse_frame>(&frame)) {
    end.refusal = {.code = refusal->code, .sentence = std::string(refusal->sentence)};
  }
  if (const auto* goaway = std::get_if<wire::goaway_frame>(&frame)) {
    end.farewell_code = goaway->code;
  }
  if (const auto* reset = std::get_if<wire::reset_frame>(&frame)) {
    end.resets.emplace_back(reset->stream, reset->code);
  }
  if (std::holds_alternative<wire::pong_frame>(frame)) {
    ++end.pongs;
  }
}

void raw_carrier::decode(base::byte_span bytes, carrier_end& end) {
  while (true) {
    const auto event = decoder_.next(bytes);
    if (!event || event->kind == net::websocket_event_kind::need_more) {
      return;
    }
    if (event->kind == net::websocket_event_kind::close) {
      end.close_code = event->close_code;
    }
    if (event->kind == net::websocket_event_kind::pong) {
      ++end.pongs;
    }
    auto payload =
        event->kind == net::websocket_event_kind::payload ? event->payload : base::byte_view();
    while (!payload.empty()) {
      const auto frame = reader_.next(payload);
      if (!frame || !*frame) {
        break;
      }
      note(**frame, end);
    }
  }
}

carrier_end raw_carrier::read_until_end(std::chrono::milliseconds limit) {
  carrier_end end;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!client_.is_closed() && std::chrono::steady_clock::now() < deadline) {
    auto bytes = client_.receive_some(std::chrono::milliseconds(20));
    if (bytes) {
      decode(*bytes, end);
    }
  }
  end.closed = client_.is_closed();
  return end;
}

}
