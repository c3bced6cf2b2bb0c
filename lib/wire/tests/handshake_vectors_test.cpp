#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "carrier_fleet.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr const char* file_name = HTTVPS_SOURCE_DIR "/tests/vectors/wire_handshakes.json";
constexpr std::array kind_names{"pad",    "hello",   "welcome",  "refuse", "challenge",
                                "open",   "data",    "fin",      "reset",  "stop",
                                "window", "ack",     "datagram", "ping",   "pong",
                                "policy", "carrier", "goaway",   "notice"};
static_assert(kind_names.size() == std::variant_size_v<frame>);

json::array kinds_in(byte_view bytes) {
  json::array kinds;
  for (const auto& each : frames_in(bytes)) {
    kinds.emplace_back(kind_names[each.index()]);
  }
  return kinds;
}

class conversation {
 public:
  void note(role from, std::uint64_t carrier, byte_view bytes, const char* meaning) {
    messages_.push_back(json::object{{"from", from == role::client ? "client" : "gateway"},
                                     {"carrier", carrier},
                                     {"meaning", meaning},
                                     {"hex", base::to_hex(bytes)},
                                     {"frames", kinds_in(bytes)}});
  }

  void say(machine& from, std::uint64_t carrier, const char* meaning) {
    auto& wire = fleet.wire_of(carrier);
    const bool up = from.side == role::client;
    (up ? wire.up_log : wire.down_log).clear();
    fleet.write(from);
    note(from.side, carrier, up ? wire.up_log : wire.down_log, meaning);
    fleet.deliver();
  }

  void wait(base::duration span) {
    fleet.now += span;
    fleet.client.session.tick(fleet.now);
    fleet.gateway.session.tick(fleet.now);
  }

  json::object as(const char* name) const { return {{"name", name}, {"messages", messages_}}; }

  carrier_fleet fleet;

 private:
  json::array messages_;
};

json::object first_carrier() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.dial(1);
  const auto id = fleet.client.session.open(web, base::as_bytes("first bytes"), fleet.now).value();
  talk.say(fleet.client, 1, "HELLO may create the session; OPEN and payload do not wait");
  talk.say(fleet.gateway, 1, "WELCOME, and a PING to measure the round trip");
  talk.wait(acknowledge_delay);
  talk.say(fleet.gateway, 1, "ACK confirms OPEN and its payload; WINDOW grants what was read");
  fleet.gateway.session.write(id, base::as_bytes("an answer"));
  fleet.gateway.session.finish(id, fleet.now);
  talk.say(fleet.gateway, 1, "DATA and FIN of the other direction");
  talk.say(fleet.client, 1, "PONG, and a PING of its own");
  EXPECT_TRUE(fleet.client.streams[id].finished);
  return talk.as("a first carrier in one flight");
}

json::object refused_device() {
  conversation talk;
  talk.fleet.dial(1);
  talk.say(talk.fleet.client, 1, "HELLO");
  talk.note(role::gateway, 1,
            encode(refuse_frame{to_wire(errc::quota_exceeded), 60, "The quota is used up."}),
            "REFUSE instead of WELCOME; the carrier closes");
  return talk.as("a refused session");
}

json::object resumed_with_a_budget() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(1s);
  fleet.client.send_pattern(id, 40);
  fleet.exchange();
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(id, 20);
  fleet.write(fleet.client);
  fleet.lose(1);
  fleet.wire_of(2) = {};
  EXPECT_TRUE(fleet.client.session.attach({.carrier = carrier_number{2}, .down_budget = 14'700},
                                          fleet.now));
  talk.say(fleet.client, 2, "HELLO may not create; it announces a budget of 14 700 bytes down");
  talk.say(fleet.gateway, 2, "WELCOME tells what arrived: 40 bytes of the stream");
  talk.say(fleet.client, 2, "only the lost bytes from offset 40 are sent again");
  EXPECT_EQ(fleet.gateway.streams[id].received, 60U);
  return talk.as("a session resumed with a budget");
}

json::object forgotten_session() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  fleet.lose(1);
  fleet.dial(2);
  fleet.write(fleet.client);
  talk.note(role::client, 2, fleet.wire_of(2).up_log, "HELLO may not create");
  talk.note(role::gateway, 2, encode(refuse_frame{to_wire(errc::session_gone), 0, "Unknown."}),
            "REFUSE(session_gone): the streams of the session are lost with their gateway");
  return talk.as("a session the gateway does not know");
}

json::object reported_loss() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.establish(2);
  fleet.pass(1s);
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(id, 30);
  fleet.write(fleet.client);
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  talk.say(fleet.client, 2,
           "CARRIER{1, suspect 1}: carrier 1 is given up; what was lost is little and goes again");
  fleet.gateway.session.detach(carrier_number{1}, fleet.now);
  talk.say(fleet.gateway, 2,
           "what was received, then CARRIER{1, suspect 1}: send again what is above it");
  talk.say(fleet.client, 2, "nothing is above it; the answer to the gateway's PING");
  EXPECT_EQ(fleet.gateway.streams[id].received, 30U);
  return talk.as("a lost carrier and its report");
}

json::object retired_carrier() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  fleet.establish(2);
  fleet.client.session.retire(carrier_number{1}, 12'345, fleet.now);
  talk.say(fleet.client, 1, "CARRIER{1, suspect 0, 12 345 bytes}: the client's last word on it");
  talk.say(fleet.gateway, 1, "the gateway's last word; the client closes carrier 1");
  EXPECT_EQ(count_events<carrier_retired>(fleet.client), 1U);
  return talk.as("a retired carrier");
}

json::object started_anew() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  const auto id = fleet.client.session.open(web, {}, fleet.now).value();
  produce_all(fleet.client, carrier_number{1}, fleet.now);
  fleet.lose(1);
  fleet.dial(2);
  talk.say(fleet.client, 2, "HELLO may not create; the stream that was just opened is not listed");
  const auto refusal = encode(refuse_frame{to_wire(errc::session_gone), 0, "Gone."});
  talk.note(role::gateway, 2, refusal, "REFUSE(session_gone)");
  EXPECT_TRUE(fleet.client.session.receive(carrier_number{2}, refusal, fleet.client, fleet.now));
  EXPECT_TRUE(fleet.client.session.attach({.carrier = carrier_number{3}}, fleet.now));
  talk.note(role::client, 3, produce_all(fleet.client, carrier_number{3}, fleet.now),
            "HELLO with a new session id may create; the untouched stream is opened again");
  EXPECT_FALSE(fleet.client.streams[id].reset);
  return talk.as("a session that starts anew");
}

json::object drained_gateway() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.gateway.session.go_away(errc::gateway_draining, 30s);
  talk.say(fleet.gateway, 1, "GOAWAY: the highest stream accepted, 30 s for those that are open");
  fleet.client.session.write(id, base::as_bytes("goes on"));
  fleet.client.session.finish(id, fleet.now);
  talk.say(fleet.client, 1, "an open stream goes on; a new one belongs to another session");
  EXPECT_EQ(count_events<peer_going_away>(fleet.client), 1U);
  return talk.as("a gateway that drains");
}

json::object stopped_stream() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.gateway.session.write(id, base::as_bytes("unwanted"));
  fleet.client.session.stop(id, errc::cancelled, fleet.now);
  talk.say(fleet.client, 1, "STOP: the client wants no more of this stream");
  talk.say(fleet.gateway, 1, "RESET(stopped) at once ends that direction only");
  EXPECT_FALSE(fleet.client.streams[id].reset);
  return talk.as("a stopped stream");
}

json::object one_carrier_too_many() {
  conversation talk;
  talk.fleet.establish(1);
  talk.fleet.dial(2);
  talk.fleet.write(talk.fleet.client);
  talk.note(role::client, 2, talk.fleet.wire_of(2).up_log, "HELLO of one carrier too many");
  talk.note(role::gateway, 2, encode(refuse_frame{to_wire(errc::carrier_limit), 0, "Enough."}),
            "REFUSE(carrier_limit): the session goes on with the carriers it has");
  return talk.as("one carrier too many");
}

json::object datagrams() {
  conversation talk;
  const target resolver = ipv4_target{{9, 9, 9, 9}, 53};
  talk.note(role::client, 1, encode(datagram_frame{7, resolver, base::as_bytes("question")}),
            "a datagram of flow 7 to 9.9.9.9:53");
  talk.note(role::gateway, 1, encode(datagram_frame{7, resolver, base::as_bytes("answer")}),
            "its answer names the address it came from");
  return talk.as("datagrams of a flow");
}

json::object published_policy() {
  conversation talk;
  auto& fleet = talk.fleet;
  fleet.gateway.session.publish_policy(3, "v4.public.a-policy");
  fleet.dial(1);
  talk.say(fleet.client, 1, "HELLO offers to take policies");
  talk.say(fleet.gateway, 1, "WELCOME agrees, and POLICY: the version and the signed document");
  fleet.gateway.session.publish_policy(4, "v4.public.another");
  talk.say(fleet.gateway, 1, "POLICY again when it has changed");
  EXPECT_EQ(count_events<policy_received>(fleet.client), 2U);
  return talk.as("a policy and its change");
}

json::array all_handshakes() {
  return {first_carrier(),        refused_device(),  resumed_with_a_budget(),
          forgotten_session(),    reported_loss(),   retired_carrier(),
          started_anew(),         drained_gateway(), stopped_stream(),
          one_carrier_too_many(), datagrams(),       published_policy()};
}

void write_pretty(const json::array& handshakes) {
  std::ofstream out(file_name);
  out << "[\n";
  for (std::size_t i = 0; i < handshakes.size(); ++i) {
    const auto& each = handshakes[i].as_object();
    out << " {\"name\": " << json::serialize(each.at("name")) << ", \"messages\": [\n";
    const auto& messages = each.at("messages").as_array();
    for (std::size_t k = 0; k < messages.size(); ++k) {
      out << "  " << json::serialize(messages[k]) << (k + 1 < messages.size() ? ",\n" : "\n");
    }
    out << (i + 1 < handshakes.size() ? " ]},\n" : " ]}\n");
  }
  out << "]\n";
}

json::array known_handshakes() {
  std::ifstream file(file_name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_array();
}

TEST(HandshakeVectors, AreWhatTheMachinesSay) {
  const auto said = all_handshakes();
  if (std::getenv("HTTVPS_WRITE_VECTORS") != nullptr) {
    write_pretty(said);
  }
  const auto known = known_handshakes();
  ASSERT_EQ(known.size(), said.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(json::serialize(known[i]), json::serialize(said[i]));
  }
}

TEST(HandshakeVectors, AreReadWholeAndWrittenTheSame) {
  for (const auto& handshake : known_handshakes()) {
    for (const auto& message : handshake.at("messages").as_array()) {
      const auto bytes = base::from_hex(json::value_to<std::string>(message.at("hex"))).value();
      base::byte_vector again;
      for (const auto& each : frames_in(bytes)) {
        base::append(again, encode(each));
      }
      EXPECT_EQ(json::serialize(kinds_in(bytes)), json::serialize(message.at("frames")));
      EXPECT_EQ(base::to_hex(again), base::to_hex(bytes));
    }
  }
}

}
}
