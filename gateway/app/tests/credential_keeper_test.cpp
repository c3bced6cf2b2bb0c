#include "../src/credential_keeper.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "httvps/net/http_server.hpp"
#include "temporary_folder.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::seconds;

class CredentialKeeper : public testing::Test {
 protected:
  CredentialKeeper() : random_(3), key_(identity::box_key::generate(random_)) {
    auto opened = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return answer(std::move(request)); });
    server_.emplace(std::move(*opened));
    auto client =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_.emplace(std::move(*client), key_,
                     [](std::chrono::duration<double>, const base::error&) {});
    member_.gateway_id = "gw_1";
    hold("first", "");
    credential_keeper_parts parts{.control = *control_,
                                  .clock = clock_,
                                  .log = {},
                                  .registry = registry_,
                                  .state_dir = dir_,
                                  .member = member_,
                                  .spread = [this] { spread_.push_back(held()); }};
    keeper_.emplace(std::move(parts));
  }

  net::asio::awaitable<net::http_response> answer(net::http_request request) {
    ++asked_;
    net::http_response reply;
    reply.status = status_;
    reply.body = R"({"credential":"next","expires_s":60})";
    co_return reply;
  }
  void hold(const std::string& present, const std::string& former) {
    member_.credential = base::secret_bytes::from_text(present);
    member_.former_credential = base::secret_bytes::from_text(former);
    ASSERT_TRUE(store_membership(dir_, member_));
  }
  std::string held() const { return std::string(member_.credential.reveal_text()); }
  std::string stored() const {
    return std::string(load_membership(dir_).value().credential.reveal_text());
  }
  bool follow(const heartbeat_answer& heard) {
    context_.restart();
    std::optional<base::result<void>> outcome;
    net::asio::co_spawn(
        context_, keeper_->follow(heard),
        [&](const std::exception_ptr&, const base::result<void>& done) { outcome = done; });
    while (!outcome && context_.run_one_for(seconds(10)) > 0) {
    }
    return outcome && outcome->has_value();
  }
  bool shows(const std::string& line) const {
    return registry_.expose().find(line) != std::string::npos;
  }

  net::asio::io_context context_{1};
  base::manual_clock clock_;
  base::seeded_random random_;
  identity::box_key key_;
  base::metric_registry registry_;
  const temporary_folder home_;
  const std::string& dir_ = home_.path();
  membership member_;
  std::vector<std::string> spread_;
  int status_ = 200;
  int asked_ = 0;
  std::optional<net::http_server> server_;
  std::optional<control_plane> control_;
  std::optional<credential_keeper> keeper_;
};

TEST_F(CredentialKeeper, RenewsOnlyWhenItIsToldAndStoresBeforeAnybodyUses) {
  ASSERT_TRUE(follow({.credential_lasts = seconds(40)}));
  EXPECT_EQ(asked_, 0);
  EXPECT_TRUE(shows("httvps_gateway_credential_expiry_seconds 40"));
  ASSERT_TRUE(follow({.credential_lasts = seconds(20), .renew_credential = true}));
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(stored(), "next");
  EXPECT_EQ(spread_, std::vector<std::string>{"next"});
  EXPECT_EQ(member_.former_credential.reveal_text(), "first");
  EXPECT_TRUE(shows("httvps_gateway_credential_expiry_seconds 60"));
  EXPECT_TRUE(shows(R"(httvps_gateway_credential_renewals_total{result="renewed"} 1)"));
}

TEST_F(CredentialKeeper, OneThatCannotBeStoredIsNotUsedAndTriedAgainLater) {
  std::filesystem::remove_all(dir_);
  EXPECT_FALSE(follow({.renew_credential = true}));
  EXPECT_EQ(held(), "first");
  EXPECT_TRUE(spread_.empty());
  EXPECT_TRUE(shows(R"(httvps_gateway_credential_renewals_total{result="failed"} 1)"));
  std::filesystem::create_directory(dir_);
  EXPECT_TRUE(follow({.renew_credential = true}));
  EXPECT_EQ(asked_, 1) << "not before the pause is over";
  clock_.advance(seconds(1));
  EXPECT_TRUE(follow({.renew_credential = true}));
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(stored(), "next");
}

TEST_F(CredentialKeeper, FailuresAreTriedAgainWithGrowingPauses) {
  status_ = 503;
  for (int tries = 1; tries <= 4; ++tries) {
    EXPECT_FALSE(follow({.renew_credential = true}));
    EXPECT_EQ(asked_, tries);
    clock_.advance(seconds(1 << (tries - 1)) - std::chrono::milliseconds(1));
    EXPECT_TRUE(follow({.renew_credential = true}));
    EXPECT_EQ(asked_, tries);
    clock_.advance(std::chrono::milliseconds(1));
  }
}

TEST_F(CredentialKeeper, RefusedOneIsFollowedByTheStoredOneThenTheFormerThenNothing) {
  hold("second", "first");
  member_.credential = base::secret_bytes::from_text("older");
  EXPECT_TRUE(keeper_->try_another());
  EXPECT_EQ(held(), "second") << "another process renewed it";
  EXPECT_FALSE(keeper_->try_another()) << "the gateway joins anew then";
  keeper_->note_accepted();
  EXPECT_TRUE(keeper_->try_another());
  EXPECT_EQ(held(), "first");
  hold("only", "");
  keeper_->note_accepted();
  EXPECT_FALSE(keeper_->try_another());
}

}
}
