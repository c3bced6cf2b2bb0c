#include <array>
#include <bit>

#include "frame_fields.hpp"
#include "greeting_body.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

using base::fail;
using base::result;

enum class target_type : std::uint8_t { domain = 1, ipv4 = 2, ipv6 = 3, reserved = 4 };

result<std::string> read_name(cursor& in, std::size_t most) {
  HTTVPS_TRY(const auto size, in.byte());
  if (size == 0 || size > most) {
    return fail(errc::target_invalid);
  }
  HTTVPS_TRY(const auto name, in.bytes(size));
  return std::string(base::as_text(name));
}

result<target> read_domain(cursor& in) {
  HTTVPS_TRY(auto name, read_name(in, domain_most));
  HTTVPS_TRY(const auto port, in.port());
  return domain_target{std::move(name), port};
}

result<target> read_ipv4(cursor& in) {
  HTTVPS_TRY(const auto address, in.array<4>());
  HTTVPS_TRY(const auto port, in.port());
  return ipv4_target{address, port};
}

result<target> read_ipv6(cursor& in) {
  HTTVPS_TRY(const auto address, in.array<16>());
  HTTVPS_TRY(const auto port, in.port());
  return ipv6_target{address, port};
}

result<target> read_reserved(cursor& in) {
  HTTVPS_TRY(auto name, read_name(in, reserved_name_most));
  return reserved_target{std::move(name)};
}

result<target> read_target(cursor& in) {
  HTTVPS_TRY(const auto type, in.byte());
  switch (static_cast<target_type>(type)) {
    case target_type::domain:
      return read_domain(in);
    case target_type::ipv4:
      return read_ipv4(in);
    case target_type::ipv6:
      return read_ipv6(in);
    case target_type::reserved:
      return read_reserved(in);
  }
  return fail(errc::target_invalid);
}

result<frame> decode_open(cursor in) {
  open_frame open;
  HTTVPS_TRY(open.stream, read_stream(in));
  HTTVPS_TRY(open.target, read_target(in));
  open.payload = in.rest();
  if (open.payload.size() > data_payload_most) {
    return fail(errc::frame_too_large);
  }
  return open;
}

result<frame> decode_data(cursor in) {
  data_frame data;
  HTTVPS_TRY(data.stream, read_stream(in));
  HTTVPS_TRY(data.offset, in.number());
  data.payload = in.rest();
  if (data.payload.empty()) {
    return fail(errc::frame_malformed);
  }
  if (data.payload.size() > data_payload_most) {
    return fail(errc::frame_too_large);
  }
  return data;
}

result<byte_count> read_final_offset(cursor& in) {
  HTTVPS_TRY(const auto offset, in.number());
  if (offset == varint_most) {
    return fail(errc::offset_invalid);
  }
  return offset;
}

result<frame> decode_fin(cursor in) {
  fin_frame fin;
  HTTVPS_TRY(fin.stream, read_stream(in));
  HTTVPS_TRY(fin.final_offset, read_final_offset(in));
  HTTVPS_CHECK(expect_end(in));
  return fin;
}

result<frame> decode_reset(cursor in) {
  reset_frame reset;
  HTTVPS_TRY(reset.stream, read_stream(in));
  HTTVPS_TRY(reset.code, in.number());
  HTTVPS_TRY(const auto when, in.byte());
  HTTVPS_TRY(reset.final_offset, read_final_offset(in));
  if (when > 1) {
    return fail(errc::frame_malformed);
  }
  reset.when = static_cast<delivery>(when);
  HTTVPS_CHECK(expect_end(in));
  return reset;
}

result<frame> decode_stop(cursor in) {
  stop_frame stop;
  HTTVPS_TRY(stop.stream, read_stream(in));
  HTTVPS_TRY(stop.code, in.number());
  HTTVPS_CHECK(expect_end(in));
  return stop;
}

result<frame> decode_window(cursor in) {
  window_frame window;
  HTTVPS_TRY(window.session_limit, in.number());
  HTTVPS_TRY(window.streams, read_entries<stream_offset>(in));
  HTTVPS_CHECK(expect_end(in));
  return window;
}

result<frame> decode_ack(cursor in) {
  ack_frame ack;
  HTTVPS_TRY(ack.streams, read_entries<stream_offset>(in));
  HTTVPS_CHECK(expect_end(in));
  return ack;
}

result<frame> decode_datagram(cursor in) {
  datagram_frame datagram;
  HTTVPS_TRY(datagram.flow, in.number());
  HTTVPS_TRY(datagram.target, read_target(in));
  datagram.payload = in.rest();
  if (datagram.payload.size() > data_payload_most) {
    return fail(errc::frame_too_large);
  }
  return datagram;
}

result<frame> decode_ping(cursor in) {
  HTTVPS_TRY(const auto opaque, in.array<8>());
  HTTVPS_CHECK(expect_end(in));
  return ping_frame{opaque};
}

result<frame> decode_pong(cursor in) {
  HTTVPS_TRY(const auto opaque, in.array<8>());
  HTTVPS_CHECK(expect_end(in));
  return pong_frame{opaque};
}

result<frame> decode_pad(cursor in) {
  if (in.rest().size() > pad_most) {
    return fail(errc::frame_too_large);
  }
  return pad_frame{in.rest().size()};
}

result<frame> decode_policy(cursor in) {
  policy_frame policy;
  HTTVPS_TRY(policy.version, in.number());
  policy.document = in.rest();
  if (policy.document.size() > policy_most) {
    return fail(errc::frame_too_large);
  }
  return policy;
}

result<frame> decode_carrier(cursor in) {
  carrier_frame carrier;
  HTTVPS_TRY(const auto number, in.number());
  HTTVPS_TRY(carrier.down_budget, in.number());
  HTTVPS_TRY(const auto suspect, in.number());
  HTTVPS_TRY(carrier.bytes_sent, in.number());
  carrier.carrier = static_cast<carrier_number>(number);
  carrier.suspect = static_cast<carrier_number>(suspect);
  HTTVPS_CHECK(expect_end(in));
  return carrier;
}

result<frame> decode_goaway(cursor in) {
  goaway_frame goaway;
  HTTVPS_TRY(goaway.code, in.number());
  HTTVPS_TRY(goaway.last_accepted, read_stream(in));
  HTTVPS_TRY(goaway.drain_milliseconds, in.number());
  goaway.gateways = in.rest();
  HTTVPS_CHECK(split_gateway_names(goaway.gateways));
  return goaway;
}

result<frame> decode_notice(cursor in) {
  notice_frame notice;
  HTTVPS_TRY(notice.code, in.number());
  HTTVPS_TRY(notice.sentence, read_sentence(in));
  HTTVPS_CHECK(expect_end(in));
  return notice;
}

using body_decoder = result<frame> (*)(cursor);

constexpr std::array<body_decoder, 19> decoders = {
    decode_pad,    decode_hello,   decode_welcome,  decode_refuse, decode_challenge,
    decode_open,   decode_data,    decode_fin,      decode_reset,  decode_stop,
    decode_window, decode_ack,     decode_datagram, decode_ping,   decode_pong,
    decode_policy, decode_carrier, decode_goaway,   decode_notice};

}

template <typename Entry>
void entry_list<Entry>::iterator::read() {
  cursor in(rest_);
  const auto entry =
      rest_.empty() ? base::result<Entry>(fail(errc::frame_malformed)) : read_entry<Entry>(in);
  done_ = !entry;
  if (entry) {
    current_ = *entry;
    rest_ = in.rest();
  }
}

template class entry_list<stream_offset>;
template class entry_list<receive_state>;

result<frame> decode_body(frame_kind kind, byte_view body) {
  const auto index = static_cast<std::size_t>(kind);
  if (index >= decoders.size()) {
    return fail(errc::unknown_frame);
  }
  return decoders[index](cursor(body));
}

result<std::vector<std::string_view>> split_gateway_names(byte_view list) {
  cursor in(list);
  HTTVPS_TRY(const auto count, in.number());
  if (count > gateway_names_most) {
    return fail(errc::frame_malformed);
  }
  std::vector<std::string_view> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    HTTVPS_TRY(const auto name, in.text(gateway_name_most));
    names.push_back(name);
  }
  HTTVPS_CHECK(expect_end(in));
  return names;
}

}
