#include "../src/config_watch.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "httvps/net/http_server.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::milliseconds;

class ConfigWatch : public testing::Test {
 protected:
  using replier = std::function<net::asio::awaitable<net::http_response>()>;

  ConfigWatch() : random_(3), key_(identity::box_key::generate(random_)) {
    auto opened =
        net::http_server::open(context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
                               [this](net::http_request request) {
                                 asked_.push_back(request.target);
                                 return reply_();
                               });
    EXPECT_TRUE(opened);
    server_.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_.emplace(std::move(*client), key_,
                     [](std::chrono::duration<double>, const base::error&) {});
  }

  static net::http_response config(std::uint64_t rev) {
    net::http_response response;
    response.body = R"({"state":"approved","path":"/p","cookie":"c","key_set":"k","rev":)" +
                    std::to_string(rev) + "}";
    return response;
  }
  static net::http_response status(int code) {
    net::http_response response;
    response.status = code;
    return response;
  }
  net::asio::awaitable<net::http_response> answer_in_order() {
    if (answers_.empty()) {
      static_cast<void>(co_await net::sleep_until(net::deadline_after(std::chrono::seconds(20))));
      co_return status(304);
    }
    auto next = std::move(answers_.front());
    answers_.erase(answers_.begin());
    co_return next;
  }
  net::task<> note(published_config config) {
    taken_.push_back(config.rev);
    co_return taking_;
  }
  config_watch_parts parts() {
    return {.control = *control_,
            .log = {},
            .take = [this](published_config config) { return note(std::move(config)); },
            .refused = [this](const base::error& why) { refusals_.push_back(why); },
            .times = {.wait = std::chrono::seconds(20),
                      .pace = milliseconds(1),
                      .pause_least = milliseconds(100),
                      .pause_most = milliseconds(400)}};
  }
  void run(milliseconds span) { context_.run_for(span); }

  net::asio::io_context context_{1};
  base::seeded_random random_;
  identity::box_key key_;
  std::vector<std::string> asked_;
  std::vector<net::http_response> answers_;
  std::vector<std::uint64_t> taken_;
  std::vector<base::error> refusals_;
  base::result<void> taking_;
  replier reply_ = [this] { return answer_in_order(); };
  std::optional<net::http_server> server_;
  std::optional<control_plane> control_;
};

constexpr auto plain = "/api/v1/gateway/config";

std::string waiting_at(int rev) {
  return plain + ("?rev=" + std::to_string(rev)) + "&wait=20";
}

TEST_F(ConfigWatch, AsksAtOnceAndThenWaitsWithWhatItHolds) {
  answers_ = {config(4), config(5)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(300));
  EXPECT_EQ(asked_, (std::vector<std::string>{plain, waiting_at(4), waiting_at(5)}));
  EXPECT_EQ(taken_, (std::vector<std::uint64_t>{4, 5}));
}

TEST_F(ConfigWatch, FailuresAndEarlyAnswersBackOff) {
  answers_ = {config(4), status(503), status(304), status(503), status(304), config(4)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(600));
  EXPECT_EQ(asked_.size(), 4U);
  EXPECT_EQ(taken_.size(), 1U);
}

TEST_F(ConfigWatch, WhatWasNotTakenIsAskedForAgain) {
  answers_ = {config(4), config(4)};
  taking_ = base::fail(control_errc::backend_answer_invalid);
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(200));
  EXPECT_EQ(asked_, (std::vector<std::string>{plain, plain}));
}

TEST_F(ConfigWatch, BackendWithoutRevisionsIsAskedSeldom) {
  answers_ = {config(0), config(0)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(300));
  EXPECT_EQ(asked_.size(), 1U);
  run(milliseconds(200));
  EXPECT_EQ(asked_, (std::vector<std::string>{plain, plain}));
}

TEST_F(ConfigWatch, WaitsForApprovalWithALongPollAndTakesTheAnswerAtOnce) {
  auto pending = status(403);
  pending.body = R"({"code":"gateway_pending"})";
  answers_ = {pending, config(4)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(80));
  EXPECT_EQ(asked_, (std::vector<std::string>{plain, waiting_at(0), waiting_at(4)}));
  EXPECT_EQ(taken_, (std::vector<std::uint64_t>{4}));
}

TEST_F(ConfigWatch, PendingThatIsSaidTooSoonBacksOff) {
  auto pending = status(403);
  pending.body = R"({"code":"gateway_pending"})";
  answers_ = {pending, pending, pending, pending, pending, pending, pending};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(500));
  EXPECT_GE(asked_.size(), 3U);
  EXPECT_LE(asked_.size(), 5U);
  EXPECT_TRUE(taken_.empty());
  EXPECT_EQ(refusals_.front(), control_errc::gateway_pending);
}

TEST_F(ConfigWatch, GatewayThatWasTurnedAwayAsksAtASlowPaceAndSaysWhy) {
  auto disabled = status(403);
  disabled.body = R"({"code":"gateway_disabled"})";
  answers_ = {config(4), disabled, disabled, disabled, disabled, disabled, config(5)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(600));
  EXPECT_EQ(asked_.size(), 4U);
  EXPECT_EQ(refusals_, (std::vector<base::error>(3, control_errc::gateway_disabled)));
  EXPECT_EQ(taken_, (std::vector<std::uint64_t>{4}));
  run(milliseconds(1500));
  EXPECT_EQ(taken_, (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(asked_[1], waiting_at(4));
  EXPECT_EQ(asked_[2], plain);
}

TEST_F(ConfigWatch, StopEndsTheWaitAtOnce) {
  answers_ = {config(4)};
  config_watch watch(context_.get_executor(), parts());
  watch.start();
  run(milliseconds(200));
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_FALSE(watch.is_idle());
  watch.stop();
  run(milliseconds(50));
  EXPECT_TRUE(watch.is_idle());
  EXPECT_EQ(asked_.size(), 2U);
}

}
}
