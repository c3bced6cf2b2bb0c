#include "httvps/outline/management_client.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "httvps/shadowsocks/access_key.hpp"
#include "management_double.hpp"

namespace httvps::outline {
namespace {

using testing::fault;
using testing::management_double;

class ManagementClient : public ::testing::Test {
 protected:
  management_client make(management_limits limits = {}) const {
    return management_client::make(server_.access(), limits).value();
  }

  static key_wish wish(std::string_view password) {
    return {.password = base::secret_bytes::from_text(password)};
  }

  management_double server_;
  management_client client_ = make();
};

TEST_F(ManagementClient, ReadsTheServer) {
  const auto server = client_.server();
  ASSERT_TRUE(server) << server.error().message();
  EXPECT_EQ(server->version, "1.12.3");
  EXPECT_EQ(server->port_for_new_keys, 9000);
  EXPECT_EQ(server->hostname, "198.51.100.1");
  EXPECT_FALSE(server->default_data_limit);
}

TEST_F(ManagementClient, CreatesReadsAndRemovesKeys) {
  const auto made = client_.create_key({.name = "gateway 17", .data_limit = 1000});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->id, "0");
  EXPECT_EQ(made->name, "gateway 17");
  EXPECT_EQ(made->password.size(), 22U);
  EXPECT_EQ(made->data_limit, 1000U);
  const auto url = shadowsocks::parse_access_key(made->access_url.reveal_text());
  ASSERT_TRUE(url);
  EXPECT_EQ(url->password, made->password);
  const auto read = client_.key("0");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->password, made->password);
  EXPECT_EQ(client_.keys()->size(), 1U);
  EXPECT_TRUE(client_.remove_key("0"));
  EXPECT_EQ(client_.key("0").error(), errc::key_not_found);
  EXPECT_EQ(client_.remove_key("0").error(), errc::key_not_found);
}

TEST_F(ManagementClient, AKeyIsNotActiveYetWhenItsCreationIsAnswered) {
  ASSERT_TRUE(client_.create_key_as("gw-17.3", wish("secret of seventeen")));
  EXPECT_FALSE(server_.keys().at("gw-17.3").active);
  server_.reload();
  EXPECT_TRUE(server_.keys().at("gw-17.3").active);
}

TEST_F(ManagementClient, CreationUnderAChosenIdHappensOnce) {
  auto chosen = wish("secret of seventeen");
  chosen.method = "aes-256-gcm";
  chosen.port = 9443;
  const auto made = client_.create_key_as("gw-17.3", chosen);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->id, "gw-17.3");
  EXPECT_EQ(made->method, "aes-256-gcm");
  EXPECT_EQ(made->port, 9443);
  EXPECT_EQ(client_.create_key_as("gw-17.3", wish("another secret")).error(), errc::key_exists);
  EXPECT_EQ(server_.keys().at("gw-17.3").password, "secret of seventeen");
}

TEST_F(ManagementClient, EachConflictHasAName) {
  ASSERT_TRUE(client_.create_key(wish("the same secret")));
  EXPECT_EQ(client_.create_key(wish("the same secret")).error(), errc::password_in_use);
  EXPECT_EQ(client_.create_key_as("other", wish("the same secret")).error(), errc::password_in_use);
  auto taken = wish("one more secret");
  taken.port = server_.access().place.port;
  EXPECT_EQ(client_.create_key(taken).error(), errc::port_in_use);
  EXPECT_EQ(client_.use_port_for_new_keys(*taken.port).error(), errc::port_in_use);
}

TEST_F(ManagementClient, ArgumentsThatTheServerRefusesAreNamed) {
  auto strange = wish("one more secret");
  strange.method = "2022-blake3-aes-256-gcm";
  EXPECT_EQ(client_.create_key(strange).error(), errc::argument_refused);
  EXPECT_EQ(client_.use_hostname("not a host").error(), errc::argument_refused);
}

TEST_F(ManagementClient, ArgumentsOutsideTheBoundsAreNotSent) {
  auto portless = wish("one more secret");
  portless.port = 0;
  const auto before = server_.record().connections;
  EXPECT_EQ(client_.create_key(portless).error(), errc::argument_invalid);
  EXPECT_EQ(client_.key("").error(), errc::argument_invalid);
  EXPECT_EQ(client_.key("..").error(), errc::argument_invalid);
  EXPECT_EQ(client_.key(std::string(129, 'x')).error(), errc::argument_invalid);
  EXPECT_EQ(client_.rename_key("0", std::string(101, 'x')).error(), errc::argument_invalid);
  EXPECT_EQ(client_.rename_key("0", "").error(), errc::argument_invalid);
  EXPECT_EQ(client_.use_hostname("").error(), errc::argument_invalid);
  EXPECT_EQ(client_.use_port_for_new_keys(0).error(), errc::argument_invalid);
  EXPECT_EQ(server_.record().connections, before);
}

TEST_F(ManagementClient, RenamesAndLimitsKeys) {
  ASSERT_TRUE(client_.create_key({}));
  EXPECT_TRUE(client_.rename_key("0", "caf\xc3\xa9 \"quoted\""));
  EXPECT_EQ(server_.keys().at("0").name, "caf\xc3\xa9 \"quoted\"");
  EXPECT_TRUE(client_.limit_key("0", 0));
  EXPECT_EQ(client_.key("0")->data_limit, 0U);
  EXPECT_TRUE(client_.limit_key("0", 9'007'199'254'740'991U));
  EXPECT_EQ(server_.keys().at("0").limit, 9'007'199'254'740'991U);
  EXPECT_TRUE(client_.unlimit_key("0"));
  EXPECT_FALSE(client_.key("0")->data_limit);
  EXPECT_EQ(client_.limit_key("7", 1).error(), errc::key_not_found);
  EXPECT_EQ(client_.unlimit_key("7").error(), errc::key_not_found);
  EXPECT_EQ(client_.rename_key("7", "x").error(), errc::key_not_found);
}

TEST_F(ManagementClient, HostnameAndPortChangeWhatNewKeysSay) {
  EXPECT_TRUE(client_.use_hostname("node.example"));
  EXPECT_TRUE(client_.use_port_for_new_keys(9555));
  const auto made = client_.create_key({});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->port, 9555);
  EXPECT_NE(made->access_url.reveal_text().find("@node.example:9555"), std::string_view::npos);
}

TEST_F(ManagementClient, ReadsTransferWhereIdleKeysAreLeftOut) {
  server_.count_traffic("0", 1958);
  server_.count_traffic("gw-17.3", 5'000'000'000);
  const auto transfer = client_.transfer();
  ASSERT_TRUE(transfer);
  EXPECT_EQ(*transfer, (transferred{{"0", 1958}, {"gw-17.3", 5'000'000'000}}));
}

TEST_F(ManagementClient, IdsCannotLeaveTheirPlaceInThePath) {
  EXPECT_EQ(client_.key("a/../../server?x#y").error(), errc::key_not_found);
  EXPECT_TRUE(
      server_.record().targets.back().ends_with("/access-keys/a%2F..%2F..%2Fserver%3Fx%23y"));
}

TEST_F(ManagementClient, EachRequestHasAConnectionOfItsOwn) {
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(client_.server());
  }
  EXPECT_EQ(server_.record().connections, 5U);
}

TEST_F(ManagementClient, NothingIsSentToACertificateThatIsNotPinned) {
  auto access = server_.access();
  access.certificate[0] ^= 1U;
  const auto client = management_client::make(std::move(access)).value();
  EXPECT_EQ(client.server().error(), errc::pin_mismatch);
  EXPECT_EQ(client.create_key({}).error(), errc::pin_mismatch);
  EXPECT_EQ(server_.record().connections, 2U);
  EXPECT_EQ(server_.record().requests, 0U);
}

TEST_F(ManagementClient, AnotherPathIsNotTheWayIn) {
  const auto url = server_.api_url();
  const auto access =
      parse_access(url.substr(0, url.size() - 1) + "X", server_.certificate_sha256()).value();
  const auto client = management_client::make(access).value();
  EXPECT_EQ(client.server().error(), errc::access_refused);
  EXPECT_EQ(client.key("0").error(), errc::access_refused);
}

TEST_F(ManagementClient, NobodyThereIsUnreachable) {
  auto access = server_.access();
  access.place.port = 1;
  EXPECT_EQ(management_client::make(access).value().server().error(), errc::unreachable);
}

struct named_fault {
  fault chosen;
  errc named;
};

class FaultyManagement : public ::testing::TestWithParam<named_fault> {};

TEST_P(FaultyManagement, IsNamedAndBounded) {
  management_double server;
  const auto client =
      management_client::make(server.access(), {.whole_exchange = std::chrono::milliseconds(700),
                                                .answer_most = 512 * 1024})
          .value();
  server.behave(GetParam().chosen);
  const auto start = base::real_clock().steady_now();
  EXPECT_EQ(client.keys().error(), GetParam().named);
  EXPECT_EQ(client.server().error(), GetParam().named);
  EXPECT_EQ(client.transfer().error(), GetParam().named);
  EXPECT_LT(base::real_clock().steady_now() - start, std::chrono::seconds(4));
  server.behave(fault::none);
  EXPECT_TRUE(client.keys());
}

INSTANTIATE_TEST_SUITE_P(Each, FaultyManagement,
                         ::testing::Values(named_fault{fault::not_tls, errc::tls_failed},
                                           named_fault{fault::silence, errc::timed_out},
                                           named_fault{fault::slow_body, errc::timed_out},
                                           named_fault{fault::close_before_answer,
                                                       errc::closed_early},
                                           named_fault{fault::close_in_body, errc::closed_early},
                                           named_fault{fault::not_http, errc::answer_malformed},
                                           named_fault{fault::broken_json, errc::answer_malformed},
                                           named_fault{fault::wrong_types, errc::answer_malformed},
                                           named_fault{fault::oversize, errc::answer_too_large},
                                           named_fault{fault::server_error, errc::server_failed},
                                           named_fault{fault::teapot, errc::answer_unexpected}),
                         [](const auto& chosen) {
                           std::string name(base::label_of(base::error(chosen.param.named)));
                           return "fault" + std::to_string(static_cast<int>(chosen.param.chosen)) +
                                  "_" + name;
                         });

}
}
