#include "httvps/carriage/carried_session.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>

#include "httvps/net/local_link.hpp"
#include "httvps/wire/frame_encoder.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::carriage {
namespace {

struct fixture {
  boost::asio::io_context loop{1};
  std::shared_ptr<base::slab_pool> pool = std::make_shared<base::slab_pool>(base::mebibyte);

  session_parts parts() {
    return {.runs_on = loop.get_executor(),
            .clock = base::real_clock(),
            .random = base::secure_random(),
            .pool = *pool,
            .options = {.role = wire::role::gateway},
            .kept_alive = pool};
  }
};

class recorder final : public carried_session {
 public:
  explicit recorder(session_parts parts) : carried_session(std::move(parts)) {}

  void on_datagram(const wire::datagram_frame&) override {}
  std::size_t on_data(wire::stream_id, base::byte_view payload) override { return payload.size(); }
  void on_event(const wire::session_event& event) override { events.push_back(event); }
  void on_carrier_end(const carrier_end&) override { ++carriers_ended; }
  void on_violation(const base::error&) override { ++violations; }

  std::vector<wire::session_event> events;
  int carriers_ended = 0;
  int violations = 0;
};

TEST(CarriedSession, TellsItsEndOnceAndLeavesNothingToRun) {
  fixture with;
  const auto session = std::make_shared<recorder>(with.parts());
  session->finish(wire::errc::cancelled);
  session->finish(wire::errc::protocol_violation);
  with.loop.run();
  ASSERT_EQ(session->events.size(), 1U);
  const auto* ended = std::get_if<wire::session_ended>(&session->events.front());
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->code, wire::errc::cancelled);
  EXPECT_EQ(session.use_count(), 1);
}

TEST(CarriedSession, ArrivalThatIsNotTakenKeepsWhatItBrought) {
  fixture with;
  const auto session = std::make_shared<recorder>(with.parts());
  carrier_arrival nameless{.link = nullptr, .how = {}, .early = {1, 2, 3}};
  const auto refused = session->attach(nameless);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), wire::errc::carrier_number_reused);
  EXPECT_EQ(nameless.early.size(), 3U);
  session->finish(wire::errc::cancelled);
  carrier_arrival late{.link = nullptr, .how = {.carrier = wire::carrier_number{1}}, .early = {1}};
  const auto gone = session->attach(late);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error(), wire::errc::session_gone);
  EXPECT_EQ(late.early.size(), 1U);
  EXPECT_EQ(session->carrier_count(), 0U);
}

TEST(CarriedSession, UnknownCarriersAreIgnored) {
  fixture with;
  const auto session = std::make_shared<recorder>(with.parts());
  session->retire_carrier(wire::carrier_number{7});
  session->drop_carrier(wire::carrier_number{7}, net::errc::timed_out);
  with.loop.run();
  EXPECT_EQ(session->carriers_ended, 0);
  EXPECT_TRUE(session->events.empty());
  EXPECT_EQ(session->traffic_of(wire::carrier_number{7}).sent, 0U);
}

class uploader final : public carried_session {
 public:
  explicit uploader(session_parts parts) : carried_session(std::move(parts)) {}

  void on_datagram(const wire::datagram_frame&) override {}
  std::size_t on_data(wire::stream_id, base::byte_view payload) override { return payload.size(); }
  void on_carrier_end(const carrier_end&) override {}
  void on_violation(const base::error&) override {}
  void on_event(const wire::session_event& event) override {
    if (std::holds_alternative<wire::session_established>(event)) {
      upload();
    }
    suspected = suspected || std::holds_alternative<wire::carrier_suspected>(event);
  }

  void upload() {
    const base::byte_vector bytes(wire::initial_stream_window);
    const wire::target where = wire::domain_target{"example.com", 443};
    for (int i = 0; i < streams; ++i) {
      const auto id = session().open(where, {}, clock().steady_now());
      ASSERT_TRUE(id);
      written += session().write(*id, bytes);
    }
  }

  static constexpr int streams = 3;
  base::byte_count written = 0;
  bool suspected = false;
};

base::byte_vector welcome() {
  base::byte_array<256> space{};
  wire::frame_writer out(space);
  EXPECT_TRUE(out.put(wire::welcome_frame{.version = wire::protocol_version,
                                          .capabilities = wire::all_capabilities,
                                          .epoch = {},
                                          .detached_seconds = 60,
                                          .session_limit = 16 * base::mebibyte,
                                          .direct_host = {},
                                          .streams = {}},
                      {}));
  return {out.bytes().begin(), out.bytes().end()};
}

net::task<> greet(net::local_link* peer) {
  HTTVPS_CO_CHECK(co_await peer->wait_readable(net::testing::soon()));
  HTTVPS_CO_CHECK(peer->receive([](base::byte_view) {}));
  auto bytes = welcome();
  const auto sent = peer->send([&](base::byte_span space) {
    base::copy_bytes(space, bytes);
    return std::exchange(bytes, {}).size();
  });
  co_return sent ? base::result<>() : base::fail(sent.error());
}

struct slow_reader {
  net::tcp_stream* socket;
  const uploader* watched;
  base::byte_count read = 0;
  base::byte_count read_when_suspected = 0;
};

net::task<> read_slowly(slow_reader* reader) {
  constexpr auto pause = std::chrono::milliseconds(40);
  base::byte_vector space(std::size_t{32} * 1024);
  while (!reader->watched->suspected) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(net::deadline_after(pause)));
    reader->read += reader->socket->try_read(space).value_or(0);
  }
  reader->read_when_suspected = reader->read;
  co_return base::result<>();
}

net::asio::awaitable<void> upload_to_a_mute_peer(net::executor runs_on) {
  auto pair = co_await net::testing::connect_pair();
  base::slab_pool pool(16 * base::mebibyte);
  const auto session = std::make_shared<uploader>(session_parts{.runs_on = runs_on,
                                                                .clock = base::real_clock(),
                                                                .random = base::secure_random(),
                                                                .pool = pool,
                                                                .options = {}});
  net::local_link peer(std::move(pair->far));
  carrier_arrival arrival{.link = std::make_unique<net::local_link>(std::move(pair->near)),
                          .how = {.carrier = wire::carrier_number{1}}};
  EXPECT_TRUE(session->attach(arrival));
  EXPECT_TRUE(co_await greet(&peer));
  slow_reader reader{.socket = &peer.stream().socket(), .watched = session.get()};
  EXPECT_TRUE(co_await read_slowly(&reader));
  EXPECT_EQ(session->written, uploader::streams * wire::initial_stream_window);
  EXPECT_GT(reader.read_when_suspected, session->written / 2);
  session->finish(wire::errc::cancelled);
  EXPECT_TRUE(co_await session->join(net::testing::soon()));
}

TEST(CarriedSession, CarrierOfASlowUploadIsNotSuspectWhileItsBytesAreTaken) {
  net::testing::run_loop loop;
  loop.run(upload_to_a_mute_peer(loop.get_executor()));
}

}
}
