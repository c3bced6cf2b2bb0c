#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "frame_support.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {
namespace {

namespace json = boost::json;

json::object vectors() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/wire_frames.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_object();
}

std::string text_of(const json::value& value) {
  return json::value_to<std::string>(value);
}

std::uint64_t number(stream_id id) {
  return static_cast<std::uint64_t>(id);
}
std::uint64_t number(carrier_number id) {
  return static_cast<std::uint64_t>(id);
}

json::array describe(const receive_state_list& list) {
  json::array entries;
  for (const auto& [stream, received, limit] : list) {
    entries.push_back(json::array{number(stream), received, limit});
  }
  return entries;
}

json::array describe(const offset_list& list) {
  json::array entries;
  for (const auto& [stream, offset] : list) {
    entries.push_back(json::array{number(stream), offset});
  }
  return entries;
}

struct describe_target {
  json::object operator()(const domain_target& where) const {
    return {{"type", "domain"}, {"name", where.name}, {"port", where.port}};
  }
  json::object operator()(const ipv4_target& where) const {
    return {{"type", "ipv4"}, {"address", base::to_hex(where.address)}, {"port", where.port}};
  }
  json::object operator()(const ipv6_target& where) const {
    return {{"type", "ipv6"}, {"address", base::to_hex(where.address)}, {"port", where.port}};
  }
  json::object operator()(const reserved_target& where) const {
    return {{"type", "reserved"}, {"name", where.name}};
  }
};

struct describe_frame {
  json::object operator()(const pad_frame& f) const { return {{"kind", "pad"}, {"size", f.size}}; }
  json::object operator()(const hello_frame& f) const {
    return {{"kind", "hello"},
            {"version", f.version},
            {"capabilities", f.capabilities},
            {"session", base::to_hex(f.session)},
            {"carrier", number(f.carrier)},
            {"may_create", f.may_create == creation::permitted},
            {"proof", f.proof == proof_kind::channel ? "channel" : "challenge"},
            {"signature", base::to_hex(f.signature)},
            {"epoch", base::to_hex(f.epoch)},
            {"down_budget", f.down_budget},
            {"session_limit", f.session_limit},
            {"streams", describe(f.streams)}};
  }
  json::object operator()(const welcome_frame& f) const {
    return {{"kind", "welcome"},
            {"version", f.version},
            {"capabilities", f.capabilities},
            {"epoch", base::to_hex(f.epoch)},
            {"detached_seconds", f.detached_seconds},
            {"session_limit", f.session_limit},
            {"direct_host", std::string(f.direct_host)},
            {"streams", describe(f.streams)}};
  }
  json::object operator()(const refuse_frame& f) const {
    return {{"kind", "refuse"},
            {"code", f.code},
            {"retry_after_seconds", f.retry_after_seconds},
            {"sentence", std::string(f.sentence)}};
  }
  json::object operator()(const challenge_frame& f) const {
    return {{"kind", "challenge"}, {"nonce", base::to_hex(f.nonce)}};
  }
  json::object operator()(const open_frame& f) const {
    return {{"kind", "open"},
            {"stream", number(f.stream)},
            {"target", std::visit(describe_target{}, f.target)},
            {"payload", base::to_hex(f.payload)}};
  }
  json::object operator()(const data_frame& f) const {
    return {{"kind", "data"},
            {"stream", number(f.stream)},
            {"offset", f.offset},
            {"payload", base::to_hex(f.payload)}};
  }
  json::object operator()(const fin_frame& f) const {
    return {{"kind", "fin"}, {"stream", number(f.stream)}, {"final_offset", f.final_offset}};
  }
  json::object operator()(const reset_frame& f) const {
    return {{"kind", "reset"},
            {"stream", number(f.stream)},
            {"code", f.code},
            {"when", f.when == delivery::immediate ? "immediate" : "after_data"},
            {"final_offset", f.final_offset}};
  }
  json::object operator()(const stop_frame& f) const {
    return {{"kind", "stop"}, {"stream", number(f.stream)}, {"code", f.code}};
  }
  json::object operator()(const window_frame& f) const {
    return {
        {"kind", "window"}, {"session_limit", f.session_limit}, {"streams", describe(f.streams)}};
  }
  json::object operator()(const ack_frame& f) const {
    return {{"kind", "ack"}, {"streams", describe(f.streams)}};
  }
  json::object operator()(const datagram_frame& f) const {
    return {{"kind", "datagram"},
            {"flow", f.flow},
            {"target", std::visit(describe_target{}, f.target)},
            {"payload", base::to_hex(f.payload)}};
  }
  json::object operator()(const ping_frame& f) const {
    return {{"kind", "ping"}, {"opaque", base::to_hex(f.opaque)}};
  }
  json::object operator()(const pong_frame& f) const {
    return {{"kind", "pong"}, {"opaque", base::to_hex(f.opaque)}};
  }
  json::object operator()(const policy_frame& f) const {
    return {{"kind", "policy"}, {"version", f.version}, {"document", base::to_hex(f.document)}};
  }
  json::object operator()(const carrier_frame& f) const {
    return {{"kind", "carrier"},
            {"carrier", number(f.carrier)},
            {"down_budget", f.down_budget},
            {"suspect", number(f.suspect)},
            {"bytes_sent", f.bytes_sent}};
  }
  json::object operator()(const goaway_frame& f) const {
    json::array names;
    for (const auto name : split_gateway_names(f.gateways).value()) {
      names.push_back(json::string(name));
    }
    return {{"kind", "goaway"},
            {"code", f.code},
            {"last_accepted", number(f.last_accepted)},
            {"drain_milliseconds", f.drain_milliseconds},
            {"gateways", names}};
  }
  json::object operator()(const notice_frame& f) const {
    return {{"kind", "notice"}, {"code", f.code}, {"sentence", std::string(f.sentence)}};
  }
};

TEST(FrameVectors, EveryFrameDecodesToItsFieldsAndEncodesToItsBytes) {
  const auto all = vectors();
  const auto& frames = all.at("frames").as_array();
  ASSERT_GE(frames.size(), 25U);
  for (const auto& entry : frames) {
    const auto name = text_of(entry.at("name"));
    const auto bytes = base::from_hex(text_of(entry.at("hex"))).value();
    frame_reader reader;
    byte_view rest = bytes;
    const auto found = reader.next(rest);
    ASSERT_TRUE(found && *found) << name;
    EXPECT_TRUE(rest.empty()) << name;
    EXPECT_EQ(json::value(std::visit(describe_frame{}, **found)), entry.at("frame")) << name;
    EXPECT_EQ(encode(**found), bytes) << name;
  }
}

TEST(FrameVectors, EveryFaultHasItsNamedError) {
  const auto all = vectors();
  const auto& refused = all.at("refused").as_array();
  ASSERT_GE(refused.size(), 30U);
  for (const auto& entry : refused) {
    const auto name = text_of(entry.at("name"));
    const auto bytes = base::from_hex(text_of(entry.at("hex"))).value();
    const auto outcome = decode_all({bytes});
    ASSERT_FALSE(outcome) << name;
    EXPECT_EQ(base::label_of(outcome.error()), text_of(entry.at("error"))) << name;
  }
}

TEST(FrameVectors, KindsAboveTheReservedRangeAreSkipped) {
  const auto all = vectors();
  const base::byte_vector ping = encode(ping_frame{});
  for (const auto& entry : all.at("skipped").as_array()) {
    auto bytes = base::from_hex(text_of(entry.at("hex"))).value();
    base::append(bytes, ping);
    const auto outcome = decode_all({bytes});
    ASSERT_TRUE(outcome) << text_of(entry.at("name"));
    EXPECT_EQ(*outcome, (std::vector<base::byte_vector>{ping}));
  }
}

TEST(FrameVectors, VarintsMatchTheirBytes) {
  const auto all = vectors();
  for (const auto& entry : all.at("varints").as_array()) {
    const auto bytes = base::from_hex(text_of(entry.at("hex"))).value();
    const auto found = read_varint(bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ(std::to_string(found->value), text_of(entry.at("value")));
    EXPECT_EQ(found->size, bytes.size());
  }
}

}
}
