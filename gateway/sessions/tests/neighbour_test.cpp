#include "httvps/gateway/sessions/neighbour.hpp"

#include <gtest/gtest.h>

#include <array>

#include "httvps/wire/frame_encoder.hpp"

namespace httvps::gateway {
namespace {

constexpr wire::session_id some_session = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr wire::process_epoch some_epoch = {0xa0, 1, 2, 3, 4, 5, 6, 0x0f};

base::byte_vector hello_and(base::byte_view rest) {
  base::byte_vector bytes(512);
  wire::frame_writer writer(bytes);
  const wire::hello_frame hello{.version = wire::protocol_version,
                                .session = some_session,
                                .carrier = wire::carrier_number{3},
                                .may_create = wire::creation::forbidden,
                                .epoch = some_epoch,
                                .session_limit = 12345};
  writer.put(hello, {});
  bytes.resize(writer.written());
  base::append(bytes, rest);
  return bytes;
}

TEST(Introduction, IsUnderstoodCutAnywhere) {
  auto bytes = encode_introduction({.device_id = "dev_first", .sent = 0x0102030405060708});
  base::append(bytes, hello_and(base::byte_vector{0xaa, 0xbb}));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    introduction_reader reader;
    const base::byte_view whole = bytes;
    ASSERT_TRUE(reader.feed(whole.first(cut)));
    EXPECT_EQ(reader.feed(whole.subspan(cut)), true);
    const auto who = reader.take_introduction();
    EXPECT_EQ(who.device_id, "dev_first");
    EXPECT_EQ(who.sent, 0x0102030405060708U);
    const auto hello = reader.take_greeting();
    EXPECT_EQ(hello.session, some_session);
    EXPECT_EQ(hello.epoch, some_epoch);
    EXPECT_EQ(hello.rest, (base::byte_vector{0xaa, 0xbb}));
  }
}

TEST(Introduction, GreetingKeepsTheBytesOfHelloForThePassage) {
  const auto bytes = hello_and(base::byte_vector{0xaa, 0xbb});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    greeting_reader reader;
    const base::byte_view whole = bytes;
    ASSERT_TRUE(reader.feed(whole.first(cut)));
    ASSERT_TRUE(reader.feed(whole.subspan(cut)));
    const auto found = reader.take();
    auto again = found.hello;
    base::append(again, found.rest);
    EXPECT_EQ(again, bytes);
  }
}

TEST(Introduction, AnotherVersionIsRefused) {
  auto bytes = encode_introduction({.device_id = "dev_first"});
  bytes[0] = 2;
  introduction_reader reader;
  EXPECT_EQ(reader.feed(bytes).error(), wire::errc::version_unsupported);
}

TEST(Introduction, LongestDeviceIdFits) {
  const std::string longest(introduced_device_most, 'd');
  auto bytes = encode_introduction({.device_id = longest});
  base::append(bytes, hello_and({}));
  introduction_reader reader;
  EXPECT_EQ(reader.feed(bytes), true);
  EXPECT_EQ(reader.take_introduction().device_id, longest);
}

TEST(Introduction, SocketIsNamedAfterTheEpoch) {
  EXPECT_EQ(socket_path("/run/httvps-gateway", some_epoch),
            "/run/httvps-gateway/a00102030405060f.sock");
}

}
}
