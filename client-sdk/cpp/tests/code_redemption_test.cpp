#include "httvps/sdk/code_redemption.hpp"

#include <gtest/gtest.h>

#include "httvps/net/http_server.hpp"
#include "httvps/sdk/errc.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using net::asio::awaitable;
using testing::rig;
using testing::soon;
using outcome = std::expected<identity::enrolment_link, control_problem>;

constexpr const char* some_code = "ABCDE-FGHJK";

struct control_plane {
  int status = 200;
  std::string body;
  std::vector<net::http_request> asked = {};
};

awaitable<net::http_response> answer(control_plane* plane, net::http_request request) {
  plane->asked.push_back(std::move(request));
  co_return net::http_response{.status = plane->status, .body = plane->body};
}

awaitable<void> redeem_into(const rig* with, code_order order, outcome* got) {
  *got = co_await redeem_code(with->store, std::move(order), soon());
}

awaitable<void> redeem_at(rig* with, control_plane* plane, code_order order, outcome* got) {
  auto server = net::http_server::open(
      with->loop.get_executor(), {.listen = {.place = {.host = "127.0.0.1", .port = 0}}},
      [plane](net::http_request request) { return answer(plane, std::move(request)); });
  EXPECT_TRUE(server);
  order.server = "http://" + net::to_text(server->local());
  *got = co_await redeem_code(with->store, std::move(order), soon());
  EXPECT_TRUE(co_await server->stop(soon()));
}

outcome nothing() {
  return std::unexpected(control_problem{.code = errc::tunnel_stopped, .sentence = {}});
}

outcome redeemed(rig& with, control_plane& plane, code_order order = {.code = some_code}) {
  auto got = nothing();
  with.loop.run(redeem_at(&with, &plane, std::move(order), &got));
  return got;
}

outcome redeemed_from(rig& with, const std::string& server, const std::string& code = some_code) {
  auto got = nothing();
  with.loop.run(redeem_into(&with, {.server = server, .code = code}, &got));
  return got;
}

base::error failure_of(const outcome& got) {
  return got ? base::error() : got.error().code;
}

std::string link_body(const rig& with) {
  return R"({"link":")" + identity::build_enrolment_link(with.issuer.link()).value() + R"("})";
}

TEST(CodeRedemption, CodeAndDeviceKeyBringTheLink) {
  rig with;
  control_plane plane{.body = link_body(with)};
  const auto got = redeemed(with, plane);
  ASSERT_TRUE(got) << got.error().code.message();
  EXPECT_EQ(*got, with.issuer.link());
  ASSERT_EQ(plane.asked.size(), 1U);
  EXPECT_EQ(plane.asked[0].target, "/api/v1/enrolment-codes:redeem");
  const auto key = with.store.load_or_create_pending_key(base::secure_random());
  EXPECT_EQ(plane.asked[0].body, R"({"code":"ABCDE-FGHJK","device_key":")" +
                                     key->public_part().to_base64url() + R"("})");
}

TEST(CodeRedemption, RepeatedTryShowsTheSameKey) {
  rig with;
  control_plane plane{.status = 503, .body = R"({"code":"backend_unavailable"})"};
  EXPECT_EQ(failure_of(redeemed(with, plane)), wire::errc::backend_unavailable);
  plane.status = 200;
  plane.body = link_body(with);
  EXPECT_TRUE(redeemed(with, plane));
  EXPECT_EQ(plane.asked[0].body, plane.asked[1].body);
}

TEST(CodeRedemption, RefusalsAreNamed) {
  rig with;
  const std::tuple<int, const char*, base::error> each[] = {
      {404, R"({"code":"enrolment_code_unknown"})", errc::code_unknown},
      {410, R"({"code":"enrolment_code_expired"})", errc::code_expired},
      {410, R"({"code":"enrolment_code_spent"})", errc::code_spent},
      {429, R"({"code":"rate_limited"})", errc::too_many_tries},
      {403, R"({"code":"ticket_revoked","detail":"Revoked."})", errc::control_refused},
      {404, "<h1>Not found</h1>", errc::server_answer_strange},
      {200, "<h1>Welcome</h1>", errc::server_answer_strange},
      {200, R"({"link":"httvps://nothing"})", errc::server_answer_strange},
      {302, "", errc::server_answer_strange}};
  for (const auto& [status, body, expected] : each) {
    control_plane plane{.status = status, .body = body};
    EXPECT_EQ(failure_of(redeemed(with, plane)), expected) << status << body;
  }
}

TEST(CodeRedemption, PresentEnrolmentIsKeptBeforeTheCodeIsSpent) {
  rig with;
  ASSERT_TRUE(with.store.save_record(with.issuer.record()));
  control_plane plane{.body = link_body(with)};
  EXPECT_EQ(failure_of(redeemed(with, plane)), errc::already_enrolled);
  EXPECT_TRUE(plane.asked.empty());
  code_order order{.code = some_code, .present = present_enrolment::replace};
  EXPECT_TRUE(redeemed(with, plane, std::move(order)));
}

TEST(CodeRedemption, AddressIsHttpsOrThisMachine) {
  rig with;
  EXPECT_EQ(failure_of(redeemed_from(with, "http://control.test")), errc::server_not_https);
  EXPECT_EQ(failure_of(redeemed_from(with, "http://192.0.2.1:80")), errc::server_not_https);
  for (const auto* server : {"", "control.test", "ftp://control.test", "https://", "https://a b"}) {
    EXPECT_EQ(failure_of(redeemed_from(with, server)), errc::server_address_invalid) << server;
  }
}

TEST(CodeRedemption, ServerThatIsAwayOrSpeaksNoTlsIsNamed) {
  rig with;
  auto listener = net::tcp_listener::open(with.loop.get_executor(),
                                          {.place = {.host = "127.0.0.1", .port = 0}});
  const auto place = net::to_text(listener->local());
  listener->close();
  EXPECT_EQ(failure_of(redeemed_from(with, "https://" + place)), errc::server_unreachable);
}

TEST(CodeRedemption, TextThatIsNoCodeIsNotSent) {
  rig with;
  for (const auto* text : {"", "ABCDE-FGHJ", "ABCDE-FGHJKM", "ABCDE-FGHJU", "-ABCDEFGHJK",
                           "ABCDE/FGHJK", "A-----------------------BCDEFGHJK"}) {
    EXPECT_FALSE(is_enrolment_code(text)) << text;
    EXPECT_EQ(failure_of(redeemed_from(with, "http://127.0.0.1:1", text)), errc::code_malformed);
  }
  for (const auto* text : {"ABCDE-FGHJK", "abcdefghjk", "abcde fghjk", "OOOOO-IIIII"}) {
    EXPECT_TRUE(is_enrolment_code(text)) << text;
  }
}

}
}
