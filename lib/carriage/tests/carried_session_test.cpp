#include "httvps/carriage/carried_session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

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

}
}
