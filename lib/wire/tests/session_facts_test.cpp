#include <gtest/gtest.h>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

base::duration measured_after(carrier_fleet& fleet, stream_id id, base::duration delay) {
  fleet.client.send_pattern(id, 1000);
  fleet.write(fleet.client);
  fleet.now += delay;
  fleet.exchange();
  fleet.now += round_trip_probe_interval;
  return fleet.client.round_trips.empty() ? 0ms : fleet.client.round_trips.back().round_trip;
}

TEST(SessionFacts, EachAnsweredPingIsReportedByItself) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(1s);
  const auto before = fleet.client.round_trips.size();
  EXPECT_EQ(measured_after(fleet, id, 20ms), 20ms);
  EXPECT_EQ(measured_after(fleet, id, 140ms), 140ms);
  EXPECT_EQ(measured_after(fleet, id, 20ms), 20ms);
  EXPECT_EQ(fleet.client.round_trips.size(), before + 3);
  EXPECT_EQ(fleet.client.round_trips.back().carrier, carrier_number{1});
}

TEST(SessionFacts, StreamTellsAtItsEndOverHowManyCarriersItWent) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.client.send_pattern(id, 5000);
  fleet.exchange();
  for (const auto number : {2U, 3U}) {
    fleet.lose(number - 1);
    fleet.establish(number);
    fleet.client.send_pattern(id, 5000);
    fleet.exchange();
    fleet.client.send_pattern(id, 5000);
    fleet.exchange();
  }
  EXPECT_FALSE(fleet.client.streams[id].carriers);
  fleet.client.session.finish(id, fleet.now);
  fleet.gateway.session.finish(id, fleet.now);
  fleet.pass(1s);
  EXPECT_EQ(fleet.client.streams[id].carriers, 3U);
  EXPECT_EQ(fleet.gateway.streams[id].carriers, 0U);
}

TEST(SessionFacts, BytesOfALostCarrierAwaitTheirRepetitionAndAreCountedOnTheNext) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(1s);
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(id, 30'000);
  fleet.write(fleet.client);
  EXPECT_EQ(fleet.client.session.awaiting_repeat(), 0U);
  fleet.lose(1);
  EXPECT_EQ(fleet.client.session.awaiting_repeat(), 30'000U);
  fleet.establish(2);
  fleet.client.send_pattern(id, 10'000);
  fleet.exchange();
  EXPECT_EQ(fleet.client.session.awaiting_repeat(), 0U);
  EXPECT_EQ(facts_of(fleet.client.session.carriers(), 2).repeated, 30'000U);
}

}
}
