#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/gateway/state/errc.hpp"
#include "sample_state.hpp"

namespace httvps::gateway {
namespace {

using testing::make_device;
using testing::make_state;

base::byte_vector encoded(const gateway_state& state) {
  const auto content = encode_state(state).value();
  return {content.reveal().begin(), content.reveal().end()};
}

TEST(StateCodec, EverythingComesBackAsItWas) {
  const auto state = make_state();
  const auto back = decode_state(encoded(state));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->saved_at, state.saved_at);
  EXPECT_EQ(back->heard_at, state.heard_at);
  EXPECT_TRUE(back->approved);
  EXPECT_EQ(*back->config, *state.config);
  EXPECT_EQ(back->quotas, state.quotas);
  EXPECT_EQ(back->nodes, state.nodes);
  ASSERT_EQ(back->devices.size(), 3U);
  EXPECT_EQ(*back->devices.at(2), make_device("dev_2"));
  ASSERT_EQ(back->grants.size(), 3U);
  EXPECT_EQ(*back->grants.at(0), *state.grants.at(0));
}

TEST(StateCodec, DeviceWithoutLimitsStaysWithoutThem) {
  auto state = make_state(0);
  validated_device plain{.device_id = "dev_plain",
                         .subscription_id = "sub_plain",
                         .policy = {},
                         .validated_at = testing::start};
  state.devices.push_back(std::make_shared<const validated_device>(plain));
  EXPECT_EQ(*decode_state(encoded(state))->devices.at(0), plain);
}

TEST(StateCodec, ContentThatIsCutAnywhereIsRefused) {
  const auto whole = encoded(make_state());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_state(base::byte_view(whole).first(size)).error(), state_errc::state_damaged);
  }
}

TEST(StateCodec, BytesBehindTheContentAreRefused) {
  auto more = encoded(make_state());
  more.push_back(0);
  EXPECT_EQ(decode_state(more).error(), state_errc::state_damaged);
}

TEST(StateCodec, OldestDevicesAreLeftOutWhenTheyDoNotFit) {
  constexpr std::size_t most = 64 * base::kibibyte;
  const auto state = make_state(2000);
  const auto content = encode_state(state, most);
  ASSERT_TRUE(content);
  EXPECT_LE(content->size(), most);
  const auto back = decode_state(content->reveal());
  ASSERT_TRUE(back);
  EXPECT_GT(back->devices.size(), 100U);
  EXPECT_LT(back->devices.size(), 2000U);
  EXPECT_EQ(back->devices.front()->device_id, "dev_0");
  EXPECT_GT(back->grants.size(), 100U);
}

TEST(StateCodec, AsManyDevicesAsAreRememberedFit) {
  const auto content = encode_state(make_state(validated_devices_most));
  ASSERT_TRUE(content);
  RecordProperty("bytes", std::to_string(content->size()));
  const auto back = decode_state(content->reveal());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->devices.size(), validated_devices_most);
  EXPECT_EQ(back->grants.size(), validated_devices_most);
}

TEST(StateCodec, RevocationsAreNeverLeftOut) {
  auto state = make_state();
  auto config = *state.config;
  for (int at = 0; at < 5000; ++at) {
    config.withdrawn_devices.push_back({.device_id = "dev_withdrawn_" + std::to_string(at)});
  }
  state.config = std::make_shared<const published_config>(std::move(config));
  EXPECT_EQ(encode_state(state, 64 * base::kibibyte).error(), state_errc::state_too_large);
  EXPECT_EQ(decode_state(encoded(state))->config->withdrawn_devices.size(), 5002U);
}

RC_GTEST_PROP(StateCodec, NoChangedByteBreaksTheReader, ()) {
  auto bytes = encoded(make_state());
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  const auto back = decode_state(bytes);
  const auto failure = back ? base::error() : back.error();
  RC_ASSERT(!failure || failure == state_errc::state_damaged);
}

}
}
