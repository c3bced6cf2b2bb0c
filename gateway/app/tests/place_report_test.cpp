#include "../src/place_report.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/encoding.hpp"
#include "httvps/net/http_server.hpp"
#include "test_certificate.hpp"

namespace httvps::gateway {
namespace {

using net::testing::test_certificate;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PlaceOf : public testing::Test {
 protected:
  gateway_settings settings() const {
    gateway_settings chosen;
    chosen.region = "eu";
    chosen.public_host = "books.example";
    chosen.certificate_file = present.chain_file();
    chosen.key_file = present.key_file();
    return chosen;
  }
  static std::string text_of(const test_certificate& certificate) {
    return base::to_base64url(certificate.pin());
  }

  test_certificate present{"books.example"};
  test_certificate next{"books.example"};
  net::endpoint bound{.host = "127.0.0.1", .port = 8443};
};

TEST_F(PlaceOf, NamesThePresentPinAndTheBoundAddress) {
  const gateway_place wanted{.region = "eu",
                             .host = "books.example",
                             .addresses = {"127.0.0.1:8443"},
                             .pins = {text_of(present)}};
  EXPECT_EQ(place_of(settings(), bound), wanted);
}

TEST_F(PlaceOf, NamesThePublicAddressesWhereTheyAreSet) {
  auto chosen = settings();
  chosen.public_addresses = {"192.0.2.1:443", "[2001:db8::1]:443"};
  EXPECT_EQ(place_of(chosen, bound)->addresses, chosen.public_addresses);
}

TEST_F(PlaceOf, NamesTheNextPinBehindThePresentOne) {
  auto chosen = settings();
  for (const auto& file : {next.key_file(), next.public_key_file()}) {
    chosen.next_key_file = file;
    EXPECT_EQ(place_of(chosen, bound)->pins, (std::vector{text_of(present), text_of(next)}));
  }
}

TEST_F(PlaceOf, NamesAPinOnceWhenTheNextKeyIsInUseAlready) {
  auto chosen = settings();
  chosen.next_key_file = present.key_file();
  EXPECT_EQ(place_of(chosen, bound)->pins, std::vector{text_of(present)});
}

TEST_F(PlaceOf, FailsWhereAFileHoldsNoKey) {
  auto chosen = settings();
  chosen.next_key_file = "/nonexistent";
  EXPECT_EQ(place_of(chosen, bound).error(), net::errc::certificate_unreadable);
  chosen = settings();
  chosen.certificate_file = "/nonexistent";
  EXPECT_EQ(place_of(chosen, bound).error(), net::errc::certificate_unreadable);
}

class PlaceReporter : public testing::Test {
 protected:
  PlaceReporter() : random_(3), key_(identity::box_key::generate(random_)) {
    auto opened = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return answer(std::move(request)); });
    server_.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_.emplace(std::move(*client), key_,
                     [](std::chrono::duration<double>, const base::error&) {});
    reporter_.emplace(place_reporter_parts{.control = *control_,
                                           .log = {},
                                           .place = place_,
                                           .pause_least = milliseconds(1),
                                           .pause_most = milliseconds(2)});
  }

  net::asio::awaitable<net::http_response> answer(net::http_request request) {
    heard_.push_back(std::move(request));
    net::http_response reply;
    reply.status = statuses_.empty() ? 200 : statuses_.front();
    const auto refusal =
        reply.status == 403 ? R"({"code":"gateway_disabled"})" : R"({"code":"refused"})";
    reply.body = reply.status == 200 ? R"({"state":"approved"})" : refusal;
    if (!statuses_.empty()) {
      statuses_.pop_front();
    }
    if (stop_at_ == heard_.size()) {
      reporter_->stop();
    }
    co_return reply;
  }
  base::result<void> run() {
    std::optional<base::result<void>> outcome;
    net::asio::co_spawn(
        context_, reporter_->run(),
        [&](const std::exception_ptr&, const base::result<void>& done) { outcome = done; });
    while (!outcome && context_.run_one_for(seconds(10)) > 0) {
    }
    return outcome.value_or(base::fail(net::errc::timed_out));
  }

  net::asio::io_context context_{1};
  base::seeded_random random_;
  identity::box_key key_;
  gateway_place place_{.region = "eu",
                       .host = "books.example",
                       .addresses = {"192.0.2.1:443"},
                       .pins = {"present", "next"}};
  std::deque<int> statuses_;
  std::size_t stop_at_ = 0;
  std::vector<net::http_request> heard_;
  std::optional<net::http_server> server_;
  std::optional<control_plane> control_;
  std::optional<place_reporter> reporter_;
};

TEST_F(PlaceReporter, TellsThePlaceOnce) {
  EXPECT_TRUE(run());
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_EQ(heard_.front().method, "PUT");
  EXPECT_EQ(heard_.front().target, "/api/v1/gateway/place");
  EXPECT_EQ(
      heard_.front().body,
      R"({"region":"eu","host":"books.example","addresses":["192.0.2.1:443"],"pins":["present","next"]})");
}

TEST_F(PlaceReporter, TriesAgainUntilTheBackendTakesIt) {
  statuses_ = {503, 401, 500};
  EXPECT_TRUE(run());
  EXPECT_EQ(heard_.size(), 4U);
}

TEST_F(PlaceReporter, GoesOnWhileTheGatewayIsDisabled) {
  statuses_ = {403, 403};
  EXPECT_TRUE(run());
  EXPECT_EQ(heard_.size(), 3U);
}

TEST_F(PlaceReporter, GivesUpWhenTheBackendRefusesIt) {
  statuses_ = {422};
  EXPECT_EQ(run().error(), control_errc::backend_refused);
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_F(PlaceReporter, TellsNothingMoreOnceStopped) {
  statuses_ = {503, 503, 503};
  stop_at_ = 2;
  EXPECT_TRUE(run());
  EXPECT_EQ(heard_.size(), 2U);
}

}
}
