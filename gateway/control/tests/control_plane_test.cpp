#include "httvps/gateway/control/control_plane.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "httvps/net/http_server.hpp"

namespace httvps::gateway {
namespace {

class ControlPlaneTest : public testing::Test {
 protected:
  ControlPlaneTest() : random_(3), key_(identity::box_key::generate(random_)) {
    auto opened = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {"127.0.0.1", 0}}},
        [this](net::http_request request) { return answer(std::move(request)); });
    EXPECT_TRUE(opened);
    server_.emplace(std::move(*opened));
  }

  net::asio::awaitable<net::http_response> answer(net::http_request request) {
    seen_.push_back(std::move(request));
    net::http_response reply;
    reply.status = status_;
    reply.body = body_;
    co_return reply;
  }

  control_plane client() {
    auto made =
        net::http_client::make(context_.get_executor(), {.origin = {.place = server_->local()}});
    control_plane plane(std::move(*made), key_,
                        [this](std::chrono::duration<double>, const base::error& failure) {
                          failures_ += failure ? 1 : 0;
                        });
    plane.use_credential(base::secret_bytes::from_text("cred"));
    return plane;
  }

  template <typename T>
  base::result<T> run(net::task<T> work) {
    context_.restart();
    std::optional<base::result<T>> outcome;
    net::asio::co_spawn(context_, std::move(work),
                        [&](const std::exception_ptr& thrown, base::result<T> value) {
                          EXPECT_FALSE(thrown);
                          outcome.emplace(std::move(value));
                        });
    while (!outcome && context_.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    return outcome.value_or(base::fail(control_errc::backend_unreachable));
  }

  net::asio::io_context context_{1};
  base::seeded_random random_;
  identity::box_key key_;
  std::optional<net::http_server> server_;
  std::vector<net::http_request> seen_;
  int status_ = 200;
  std::string body_;
  int failures_ = 0;
};

TEST_F(ControlPlaneTest, ValidateSendsTheCredentialAndDecodesTheAnswer) {
  body_ = R"({"allow":false,"code":"device_revoked","sentence":"Revoked."})";
  auto plane = client();
  plane.use_epoch("e1");
  const auto answer = run(plane.validate("token", "0011"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<denial>(*answer).code, "device_revoked");
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].target, "/api/v1/auth/validate-device");
  EXPECT_EQ(seen_[0].body, R"({"token":"token","session":"0011","epoch":"e1"})");
  EXPECT_EQ(seen_[0].headers.find("Authorization"), "Bearer cred");
}

TEST_F(ControlPlaneTest, EveryRefusalHasItsName) {
  const std::tuple<int, const char*, control_errc> cases[] = {
      {401, R"({"code":"unauthorized"})", control_errc::credential_refused},
      {403, R"({"code":"gateway_pending"})", control_errc::gateway_pending},
      {503, R"({"code":"no_node_available"})", control_errc::no_node_available},
      {503, "", control_errc::backend_overloaded},
      {429, "", control_errc::backend_overloaded},
      {409, R"({"code":"digest_mismatch"})", control_errc::digest_mismatch},
      {404, "", control_errc::backend_refused},
      {200, "nonsense", control_errc::backend_answer_invalid},
  };
  for (const auto& [status, body, expected] : cases) {
    status_ = status;
    body_ = body;
    auto plane = client();
    const auto answer = run(plane.assign("token", "eu"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), expected) << status << ' ' << body;
  }
}

TEST_F(ControlPlaneTest, JoinIsAnonymousAndKeepsTheCredential) {
  body_ = R"({"gateway_id":"gw_1","credential":"fresh","state":"approved","path":"/p",
              "cookie":"c","root":"r","key_set":"k"})";
  auto plane = client();
  const auto joined = run(plane.join({.secret = base::secret_bytes::from_text("s"), .name = "g"}));
  ASSERT_TRUE(joined);
  EXPECT_TRUE(joined->approved);
  EXPECT_FALSE(seen_[0].headers.find("Authorization"));
  body_ = R"({"acked_through":4,"gaps":[]})";
  const auto taken = run(plane.report({.epoch = "0", .sequence = 4, .rows = {}}));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->acked_through, 4U);
  EXPECT_EQ(seen_[1].headers.find("Authorization"), "Bearer fresh");
}

TEST_F(ControlPlaneTest, LongPollSaysWhatItHoldsAndTellsNothingNewFromAnAnswer) {
  auto plane = client();
  status_ = 304;
  const auto same = run(plane.poll_config({.rev = 7, .wait = std::chrono::seconds(20)}));
  ASSERT_TRUE(same);
  EXPECT_FALSE(*same);
  EXPECT_EQ(seen_[0].target, "/api/v1/gateway/config?rev=7&wait=20");
  status_ = 200;
  body_ = R"({"state":"approved","path":"/p","cookie":"c","key_set":"k","rev":8})";
  const auto changed = run(plane.poll_config({.rev = 7}));
  ASSERT_TRUE(changed);
  ASSERT_TRUE(*changed);
  EXPECT_EQ((*changed)->rev, 8U);
  status_ = 503;
  EXPECT_EQ(run(plane.poll_config({.rev = 8})).error(), control_errc::backend_overloaded);
}

TEST_F(ControlPlaneTest, SilentBackendIsUnreachableAndCounted) {
  auto plane = client();
  const auto stopped = run(server_->stop(net::deadline_after(std::chrono::seconds(1))));
  EXPECT_TRUE(stopped);
  const auto answer = run(plane.config());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), control_errc::backend_unreachable);
  EXPECT_EQ(failures_, 1);
}

TEST_F(ControlPlaneTest, RenewsItsCredentialByThePresentOneAndUsesItNotYet) {
  body_ = R"({"credential":"next","expires_s":60})";
  auto plane = client();
  const auto renewed = run(plane.renew_credential());
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->credential.reveal_text(), "next");
  EXPECT_EQ(seen_.at(0).target, "/api/v1/gateway/credential:renew");
  EXPECT_EQ(seen_.at(0).headers.find("Authorization"), "Bearer cred");
  static_cast<void>(run(plane.renew_credential()));
  EXPECT_EQ(seen_.at(1).headers.find("Authorization"), "Bearer cred");
}

TEST_F(ControlPlaneTest, ExpiredAndRevokedCredentialsAreToldApart) {
  status_ = 401;
  auto plane = client();
  body_ = R"({"code":"credential_expired"})";
  EXPECT_EQ(run(plane.config()).error(), control_errc::credential_expired);
  body_ = R"({"code":"credential_revoked"})";
  EXPECT_EQ(run(plane.config()).error(), control_errc::credential_revoked);
  body_ = R"({"code":"credential_invalid"})";
  EXPECT_EQ(run(plane.config()).error(), control_errc::credential_refused);
}

}
}
