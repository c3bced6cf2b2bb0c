#include "httvps/gateway/control/validation_line.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <map>
#include <optional>

#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

using std::chrono::milliseconds;

constexpr std::string_view single_path = "/api/v1/auth/validate-device";
constexpr std::string_view group_path = "/api/v1/gateway/devices:validate";

json::object answer_to(const json::value& asked) {
  return {{"allow", false}, {"code", asked.at("token").as_string()}, {"sentence", "No."}};
}

class ValidationLine : public testing::Test {
 protected:
  ValidationLine() : random_(3), key_(identity::box_key::generate(random_)) {
    auto opened = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return serve(std::move(request)); });
    EXPECT_TRUE(opened);
    server_.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_.emplace(std::move(*client), key_,
                     [](std::chrono::duration<double>, const base::error&) {});
    scope_.emplace(context_.get_executor());
  }

  net::asio::awaitable<net::http_response> serve(net::http_request request) {
    paths_.push_back(request.target);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(takes_)));
    net::http_response reply;
    const auto body = json::parse(request.body);
    if (request.target == single_path) {
      reply.body = json::serialize(answer_to(body));
      co_return reply;
    }
    reply.status = group_status_;
    json::array items;
    for (const auto& each : body.at("items").as_array()) {
      items.push_back(answer_to(each));
    }
    sizes_.push_back(items.size());
    reply.body = json::serialize(json::object{{"items", std::move(items)}});
    co_return reply;
  }

  validation_line make(validation_line_limits limits = {}) {
    return validation_line(
        {.runs_on = context_.get_executor(),
         .clock = clock_,
         .control = *control_,
         .spawn = [this](net::task<> work) { return scope_->spawn(std::move(work)); },
         .meter = meter_,
         .limits = limits});
  }

  net::task<> ask_for(validation_line* line, std::string token) {
    device_session wanted{.token = token, .session_digest = "00"};
    auto answer = co_await line->ask(std::move(wanted));
    answers_.emplace(token, std::move(answer));
    co_return base::result<void>();
  }
  void ask(validation_line& line, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      EXPECT_TRUE(scope_->spawn(ask_for(&line, "t" + std::to_string(i))));
    }
  }
  void run_until(std::size_t answered) {
    const auto until = net::deadline_after(std::chrono::seconds(10));
    while (answers_.size() < answered && base::real_clock().steady_now() < until) {
      context_.run_one_for(milliseconds(100));
    }
  }
  void expect_own_answers(std::size_t count) {
    ASSERT_EQ(answers_.size(), count);
    for (const auto& [token, answer] : answers_) {
      ASSERT_TRUE(answer) << token;
      EXPECT_EQ(std::get<denial>(*answer).code, token);
    }
  }
  std::size_t calls_of(std::string_view path) const {
    return static_cast<std::size_t>(std::ranges::count(paths_, path));
  }

  net::asio::io_context context_{1};
  base::manual_clock clock_;
  base::seeded_random random_;
  identity::box_key key_;
  base::metric_registry metrics_;
  validation_meter meter_{.alone = metrics_.add_counter({"alone_total", "."}),
                          .together = metrics_.add_counter({"together_total", "."}),
                          .refused = metrics_.add_counter({"refused_total", "."}),
                          .waiting = metrics_.add_gauge({"waiting", "."})};
  std::vector<std::string> paths_;
  std::vector<std::size_t> sizes_;
  std::map<std::string, base::result<validation>> answers_;
  milliseconds takes_{20};
  int group_status_ = 200;
  std::optional<net::http_server> server_;
  std::optional<control_plane> control_;
  std::optional<net::scope> scope_;
};

TEST_F(ValidationLine, OneDeviceIsAskedForAlone) {
  auto line = make();
  ask(line, 0, 1);
  run_until(1);
  expect_own_answers(1);
  EXPECT_EQ(calls_of(single_path), 1U);
  EXPECT_EQ(calls_of(group_path), 0U);
}

TEST_F(ValidationLine, WhatWaitsGoesTogetherAndEachGetsItsOwnAnswer) {
  auto line = make();
  ask(line, 0, 302);
  run_until(302);
  expect_own_answers(302);
  EXPECT_EQ(calls_of(single_path), 2U);
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{100, 100, 100}));
  EXPECT_NE(metrics_.expose().find("waiting 0"), std::string::npos);
}

TEST_F(ValidationLine, ArrivalsOfACrowdCostFewCallsWhereSinglesAreTurnedAway) {
  auto line = make();
  ask(line, 0, 600);
  run_until(600);
  expect_own_answers(600);
  EXPECT_LE(paths_.size(), 8U);
}

TEST_F(ValidationLine, BackendThatDoesNotKnowGroupsIsAskedOneByOneForAWhile) {
  group_status_ = 404;
  auto line = make();
  ask(line, 0, 8);
  run_until(8);
  expect_own_answers(8);
  EXPECT_EQ(calls_of(group_path), 1U);
  EXPECT_EQ(calls_of(single_path), 8U);
  group_status_ = 200;
  ask(line, 8, 4);
  run_until(12);
  EXPECT_EQ(calls_of(group_path), 1U);
  clock_.advance(std::chrono::seconds(11));
  ask(line, 12, 4);
  run_until(16);
  expect_own_answers(16);
  EXPECT_EQ(calls_of(group_path), 2U);
  EXPECT_NE(metrics_.expose().find("refused_total 1"), std::string::npos);
}

TEST_F(ValidationLine, OverloadedBackendIsNotAskedAgainOneByOne) {
  group_status_ = 503;
  auto line = make();
  ask(line, 0, 8);
  run_until(8);
  EXPECT_EQ(calls_of(single_path), 2U);
  std::size_t overloaded = 0;
  for (const auto& [token, answer] : answers_) {
    overloaded += !answer && answer.error() == control_errc::backend_overloaded ? 1 : 0;
  }
  EXPECT_EQ(overloaded, 6U);
}

TEST_F(ValidationLine, LineIsBoundedInLengthAndTime) {
  takes_ = milliseconds(2000);
  auto line = make({.waiting = 3, .patience = milliseconds(100)});
  ask(line, 0, 6);
  run_until(6);
  std::map<std::error_code, std::size_t> outcomes;
  for (const auto& [token, answer] : answers_) {
    ASSERT_FALSE(answer);
    ++outcomes[answer.error()];
  }
  EXPECT_EQ(outcomes[control_errc::backend_overloaded], 1U);
  EXPECT_EQ(outcomes[control_errc::backend_unreachable], 5U);
  EXPECT_NE(metrics_.expose().find("waiting 0"), std::string::npos);
}

}
}
