#include "httvps/gateway/usage/quota_memory.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

struct QuotaMemory : testing::Test {
  QuotaMemory() {
    auto opened = net::http_server::open(
        context.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return answer(std::move(request)); });
    server.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context.get_executor(), {.origin = {.place = server->local()}});
    control.emplace(std::move(*client), identity::box_key::generate(base::secure_random()),
                    [](std::chrono::duration<double>, const base::error&) {});
    start_anew();
  }

  net::asio::awaitable<net::http_response> answer(net::http_request request) {
    net::http_response reply;
    reply.status = grants.empty() || request.target.empty() ? 503 : 200;
    reply.body = grants;
    co_return reply;
  }

  void start_anew() {
    desk.emplace(context.get_executor(), allowance_desk_parts{.control = *control,
                                                              .clock = base::real_clock(),
                                                              .probe = probe,
                                                              .log = {},
                                                              .epoch = "epoch"});
    static_cast<void>(scope.spawn(desk->run()));
  }

  std::shared_ptr<quota_account> open(quota_terms terms) {
    std::optional<base::result<session_allowance>> opened;
    const auto keep = [&opened](const std::exception_ptr&, base::result<session_allowance> got) {
      opened.emplace(std::move(got));
    };
    allowance_request wanted{.device_id = "dev_one", .subscription_id = "sub_one", .quota = terms};
    net::asio::co_spawn(context, desk->open(std::move(wanted)), keep);
    while (!opened && context.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    return opened ? opened->value().quota : nullptr;
  }

  net::asio::io_context context{1};
  std::string grants;
  std::optional<net::http_server> server;
  std::optional<control_plane> control;
  base::metric_registry registry;
  gateway_probe probe{registry};
  net::scope scope{context.get_executor()};
  std::optional<allowance_desk> desk;
};

TEST_F(QuotaMemory, BytesThatPassedWithoutTheBackendAreRemembered) {
  const auto account = open({.remaining = 9'000, .offline_bytes = 100'000});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->left(), 9'000U);
  EXPECT_EQ(account->take_up_to(2'500), 2'500U);
  const std::vector<quota_memory> known = {
      {.subscription = "sub_one", .remaining = 9'000, .offline_used = 2'500}};
  EXPECT_EQ(desk->memory(), known);
}

TEST_F(QuotaMemory, IsTheSameUntilAnythingOfItChanges) {
  EXPECT_TRUE(desk->remembers_just({}));
  desk->remember({{.subscription = "sub_two", .remaining = 1, .offline_used = 2}});
  EXPECT_FALSE(desk->remembers_just({}));
  const auto account = open({.remaining = 9'000, .offline_bytes = 100'000});
  ASSERT_TRUE(account);
  const auto kept = desk->memory();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_TRUE(desk->remembers_just(kept));
  EXPECT_FALSE(desk->remembers_just({kept.front()}));
  EXPECT_FALSE(desk->remembers_just({kept.back(), kept.front()}));
  EXPECT_FALSE(desk->remembers_just({kept.front(), kept.back(), kept.back()}));
  account->take_up_to(1);
  EXPECT_FALSE(desk->remembers_just(kept));
  EXPECT_TRUE(desk->remembers_just(desk->memory()));
}

TEST_F(QuotaMemory, BytesOfAFormerLifeStayUsed) {
  desk->remember({{.subscription = "sub_one", .remaining = 400'000, .offline_used = 60'000},
                  {.subscription = "sub_two", .remaining = 1, .offline_used = 2}});
  const auto account = open({.remaining = 500'000, .offline_bytes = 100'000});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->left(), 40'000U);
  account->take_up_to(1'000);
  const std::vector<quota_memory> known = {
      {.subscription = "sub_two", .remaining = 1, .offline_used = 2},
      {.subscription = "sub_one", .remaining = 400'000, .offline_used = 61'000}};
  EXPECT_EQ(desk->memory(), known);
}

TEST_F(QuotaMemory, LastLeaseBoundsWhatAnOlderValidationPromised) {
  desk->remember({{.subscription = "sub_one", .remaining = 30'000, .offline_used = 10'000}});
  const auto account = open({.remaining = 500'000, .offline_bytes = 100'000});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->left(), 20'000U);
}

TEST_F(QuotaMemory, MoreThanTheOfflineBytesLeavesNothing) {
  desk->remember({{.subscription = "sub_one", .remaining = 30'000, .offline_used = 70'000}});
  const auto account = open({.remaining = 500'000, .offline_bytes = 50'000});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->left(), 0U);
  EXPECT_TRUE(account->is_spent());
}

TEST_F(QuotaMemory, LeaseOfTheBackendStartsAnew) {
  desk->remember({{.subscription = "sub_one", .remaining = 30'000, .offline_used = 20'000}});
  grants = R"({"items":[{"subscription":"sub_one","grant_bytes":5000,"remaining":80000,)"
           R"("expires_s":60,"final":false}]})";
  const auto account = open({.remaining = 500'000, .offline_bytes = 50'000});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->left(), 5'000U);
  const std::vector<quota_memory> known = {
      {.subscription = "sub_one", .remaining = 80'000, .offline_used = 0}};
  EXPECT_EQ(desk->memory(), known);
}

TEST_F(QuotaMemory, AnswerOfTheBackendForgetsWhoHasNotComeBack) {
  desk->remember({{.subscription = "sub_two", .remaining = 1, .offline_used = 2}});
  desk->forget_former_life();
  EXPECT_TRUE(desk->memory().empty());
}

}
}
