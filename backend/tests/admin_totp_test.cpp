#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <boost/json/parse.hpp>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/totp.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using namespace std::chrono_literals;
using test_support::chosen_password;
using test_support::login_world;

class AdminTotp : public ::testing::Test {
 protected:
  std::string code_body() { return R"({"code":")" + world.totp_code_of(account.id) + R"("})"; }

  std::vector<std::string> turn_on() {
    EXPECT_EQ(world.act(session, "me/totp").status, 200);
    const auto shown = world.act(session, "me/totp:confirm", code_body());
    EXPECT_EQ(shown.status, 200) << shown.body;
    std::vector<std::string> codes;
    const auto document = boost::json::parse(shown.body);
    for (const auto& one : document.at("recovery_codes").as_array()) {
      codes.emplace_back(one.as_string());
    }
    return codes;
  }

  login_world world;
  models::admin account = world.add_account();
  std::string session = world.session_of();
};

TEST_F(AdminTotp, IsOnOnlyAfterACodeOfIt) {
  const auto enrolled = world.act(session, "me/totp");
  const auto secret = world.totp_secret_of(account.id);
  EXPECT_EQ(enrolled.text("secret"), services::to_base32(secret.reveal()));
  EXPECT_TRUE(enrolled.text("link").starts_with("otpauth://totp/HTTVPS:Ada?secret="));
  EXPECT_EQ(world.login("Ada", chosen_password).status, 200);
  EXPECT_EQ(world.act(session, "me/totp:confirm", R"({"code":"000000"})").code(), "totp_wrong");
  ASSERT_EQ(world.act(session, "me/totp:confirm", code_body()).status, 200);
  EXPECT_EQ(world.login("Ada", chosen_password).code(), "totp_required");
  EXPECT_EQ(world.act(session, "me/totp").code(), "totp_state_wrong");
}

TEST_F(AdminTotp, CodeIsGoodOnceAndAWrongOneSaysNoMoreThanAWrongPassword) {
  turn_on();
  EXPECT_EQ(world.login("Ada", chosen_password, world.totp_code_of(account.id)).code(),
            "login_refused");
  world.clock.advance(30s);
  const auto code = world.totp_code_of(account.id);
  EXPECT_EQ(world.login("Ada", "wrong", code).code(), "login_refused");
  EXPECT_EQ(world.login("Ada", chosen_password, code).status, 200);
  const auto again = world.login("Ada", chosen_password, code);
  EXPECT_EQ(again.body, world.login("Ada", "wrong", code).body);
}

TEST_F(AdminTotp, CodeIsGoodOnceForTwoLoginsAtTheSameMoment) {
  turn_on();
  world.clock.advance(30s);
  const services::service_tools tools{.storage = *world.store,
                                      .authority = world.authority,
                                      .cipher = world.cipher,
                                      .clock = world.clock,
                                      .random = base::secure_random(),
                                      .fleet = world.fleet};
  const services::session_service sessions(tools, world.passwords);
  const services::login_order wanted{.name = "Ada",
                                     .password = base::secret_bytes::from_text(chosen_password),
                                     .code = world.totp_code_of(account.id)};
  std::atomic<int> opened = 0;
  std::barrier start(2);
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 2; ++i) {
      all.emplace_back([&] {
        start.arrive_and_wait();
        opened += sessions.login(wanted) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(opened, 1);
}

TEST_F(AdminTotp, RecoveryCodesAreTenAndEachIsGoodOnce) {
  const auto codes = turn_on();
  ASSERT_EQ(codes.size(), 10U);
  EXPECT_EQ(world.login("Ada", chosen_password, codes[3]).status, 200);
  EXPECT_EQ(world.login("Ada", chosen_password, codes[3]).code(), "login_refused");
  EXPECT_EQ(world.login("Ada", chosen_password, codes[4]).status, 200);
}

TEST_F(AdminTotp, SecretIsSealedAtRestAndBoundToItsRow) {
  const auto shown = world.act(session, "me/totp").text("secret");
  const auto sealed = world.stored(account.id).totp_sealed;
  EXPECT_TRUE(sealed.starts_with("enc:v1:"));
  EXPECT_EQ(sealed.find(shown), std::string::npos);
  const auto other = world.add_account("Bob");
  EXPECT_EQ(
      world.cipher
          .open({.table = "admins", .column = "totp_sealed", .record = other.id.text()}, sealed)
          .error(),
      services::errc::secret_unreadable);
}

TEST_F(AdminTotp, IsTurnedOffByPasswordAndCodeOrByAnAdmin) {
  const auto codes = turn_on();
  const auto removal = [](std::string_view password, const std::string& code) {
    return std::string(R"({"password":")").append(password) + R"(","code":")" + code + R"("})";
  };
  EXPECT_EQ(world.act(session, "me/totp:disable", removal("wrong", codes[0])).code(),
            "password_wrong");
  EXPECT_EQ(world.act(session, "me/totp:disable", removal(chosen_password, "x")).code(),
            "totp_wrong");
  EXPECT_EQ(world.act(session, "me/totp:disable", removal(chosen_password, codes[0])).status, 200);
  EXPECT_EQ(world.login("Ada", chosen_password).status, 200);
  world.clock.advance(30s);
  turn_on();
}

TEST_F(AdminTotp, AnAdminTakesItOffForWhoLostIt) {
  const auto codes = turn_on();
  const auto path = "admins/" + account.id.text() + ":reset-totp";
  EXPECT_EQ(world.act(session, path).code(), "role_denied");
  EXPECT_EQ(world.act(world.chief_token, path).text("totp"), "off");
  EXPECT_EQ(world.login("Ada", chosen_password).status, 200);
  EXPECT_TRUE(world.stored(account.id).totp_sealed.empty());
}

}
}
