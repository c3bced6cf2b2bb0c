#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <optional>

#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

using std::chrono::seconds;

constexpr quota_terms some_quota{.remaining = base::gibibyte, .offline_bytes = 0};

class CountedSubscriptions : public testing::Test {
 protected:
  CountedSubscriptions() {
    auto opened = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return serve(std::move(request)); });
    EXPECT_TRUE(opened);
    server_.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_.emplace(std::move(*client), identity::box_key::generate(random_),
                     [](std::chrono::duration<double>, const base::error&) {});
    desk_.emplace(context_.get_executor(), allowance_desk_parts{.control = *control_,
                                                                .clock = base::real_clock(),
                                                                .probe = probe_,
                                                                .log = {},
                                                                .epoch = "e1"});
    scope_.emplace(context_.get_executor());
    EXPECT_TRUE(scope_->spawn(desk_->run()));
  }

  void TearDown() override {
    scope_->cancel();
    context_.poll();
  }

  net::asio::awaitable<net::http_response> serve(net::http_request request) {
    const auto body = json::parse(request.body);
    json::array items;
    for (const auto& each : body.at("items").as_array()) {
      const lease_item wish{.subscription = std::string(each.at("subscription").as_string()),
                            .used = each.at("used_of_lease").to_number<std::uint64_t>(),
                            .want = each.at("want").to_number<std::uint64_t>(),
                            .token = json::serialize(each.at("token"))};
      asked_.push_back(wish);
      items.push_back(json::object{{"subscription", wish.subscription},
                                   {"grant_bytes", wish.used + wish.want},
                                   {"remaining", base::gibibyte},
                                   {"expires_s", 300},
                                   {"final", false},
                                   {"refused", refuses_}});
    }
    net::http_response reply;
    reply.body = json::serialize(json::object{{"items", std::move(items)}});
    co_return reply;
  }

  template <typename Condition>
  bool run_until(const Condition& holds) {
    const auto end = base::real_clock().steady_now() + seconds(5);
    while (!holds() && base::real_clock().steady_now() < end) {
      context_.run_one_for(std::chrono::milliseconds(50));
    }
    return holds();
  }

  session_allowance open(allowance_request wanted) {
    std::optional<base::result<session_allowance>> outcome;
    net::asio::co_spawn(context_, desk_->open(std::move(wanted)),
                        [&](const std::exception_ptr&, base::result<session_allowance> opened) {
                          outcome.emplace(std::move(opened));
                        });
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
    return outcome->value();
  }
  session_allowance open_at(seconds asked, const std::optional<quota_terms>& quota) {
    return open({.device_id = "dev",
                 .subscription_id = "sub",
                 .quota = quota,
                 .asked_at = base::steady_time(asked)});
  }

  net::asio::io_context context_{1};
  base::seeded_random random_{3};
  base::metric_registry registry_;
  gateway_probe probe_{registry_};
  std::optional<net::http_server> server_;
  std::optional<control_plane> control_;
  std::optional<allowance_desk> desk_;
  std::optional<net::scope> scope_;
  std::vector<lease_item> asked_;
  bool refuses_ = false;
};

TEST_F(CountedSubscriptions, AskForNoLease) {
  const auto free = open_at(seconds(1), std::nullopt);
  EXPECT_TRUE(free.is_unlimited());
  ASSERT_TRUE(free.quota);
  free.quota->charge(700);
  context_.run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(desk_->accounts(), 1U);
}

TEST_F(CountedSubscriptions, KeepTheirCountWhenTheirFirstQuotaComes) {
  const auto free = open_at(seconds(1), std::nullopt);
  free.quota->charge(700);
  const auto bound = open_at(seconds(2), some_quota);
  EXPECT_EQ(bound.quota, free.quota);
  EXPECT_TRUE(free.is_metered());
  ASSERT_FALSE(asked_.empty());
  EXPECT_EQ(asked_.front().used, 700U);
  EXPECT_EQ(free.quota->left(), lease_least);
  EXPECT_EQ(desk_->accounts(), 1U);
}

TEST_F(CountedSubscriptions, KeepTheirQuotaWhenAnEarlierAnswerKnowsNoneYet) {
  const auto bound = open_at(seconds(2), some_quota);
  const auto earlier = open_at(seconds(1), std::nullopt);
  EXPECT_EQ(earlier.quota, bound.quota);
  EXPECT_TRUE(earlier.is_metered());
}

TEST_F(CountedSubscriptions, KeepTheirQuotaWithoutASessionWhenAnEarlierAnswerKnowsNoneYet) {
  open_at(seconds(2), some_quota).quota.reset();
  EXPECT_TRUE(open_at(seconds(1), std::nullopt).is_metered());
}

TEST_F(CountedSubscriptions, GiveTheirLeaseBackWhenTheirQuotaGoesAndCountOn) {
  const auto bound = open_at(seconds(1), some_quota);
  ASSERT_TRUE(bound.quota->take(100));
  EXPECT_TRUE(open_at(seconds(2), std::nullopt).is_unlimited());
  EXPECT_TRUE(bound.is_unlimited());
  ASSERT_TRUE(run_until([&] { return asked_.back().want == 0; }));
  EXPECT_EQ(asked_.back().used, 100U);
  bound.quota->charge(50);
  const auto again = open_at(seconds(3), some_quota);
  EXPECT_EQ(again.quota, bound.quota);
  EXPECT_EQ(asked_.back().used, 150U);
  EXPECT_EQ(bound.quota->left(), lease_least);
}

TEST_F(CountedSubscriptions, BeyondTheLimitAreUnlimitedAndNotCounted) {
  for (std::size_t i = 0; i < counted_most; ++i) {
    ASSERT_TRUE(open({.subscription_id = std::to_string(i)}).quota);
  }
  const auto further = open({.subscription_id = "further"});
  EXPECT_FALSE(further.quota);
  EXPECT_TRUE(further.is_unlimited());
  EXPECT_TRUE(open({.subscription_id = "0"}).quota);
  EXPECT_TRUE(open({.subscription_id = "further", .quota = some_quota}).is_metered());
}

TEST_F(CountedSubscriptions, AnotherTokenIsShownAtOnceAfterARefusal) {
  refuses_ = true;
  const auto open_with = [this](std::string token) {
    return open({.device_id = "dev",
                 .subscription_id = "sub",
                 .token = std::move(token),
                 .quota = quota_terms{.remaining = base::gibibyte, .offline_bytes = base::mebibyte},
                 .asked_at = base::steady_time(seconds(1))});
  };
  const auto one = open_with("a");
  ASSERT_TRUE(run_until([this] { return asked_.size() == 1; }));
  EXPECT_EQ(one.quota->left(), base::mebibyte);
  const auto again = open_with("a");
  const auto other = open_with("b");
  ASSERT_TRUE(run_until([this] { return asked_.size() == 2; }));
  EXPECT_EQ(asked_[0].token, "\"a\"");
  EXPECT_EQ(asked_[1].token, "\"b\"");
}

}
}
