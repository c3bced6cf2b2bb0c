#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "gateway/support/secure_client.hpp"
#include "gateway/support/unjoined_gateway.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::testing {
namespace {

TEST_F(UnjoinedGateway, JoinThatIsRefusedEndsItWithASentence) {
  backend.behave(backend_call::join, conduct::refuse);
  gateway_process gateway(options());
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("did not accept the join secret"), std::string::npos);
}

TEST_F(UnjoinedGateway, JoinsOnceTheBackendIsThere) {
  backend.go_down();
  gateway_process gateway(options());
  EXPECT_FALSE(gateway.wait_for_exit(std::chrono::milliseconds(300)));
  backend.come_back();
  EXPECT_TRUE(gateway.wait_until_ready());
}

TEST_F(UnjoinedGateway, JoinTellsWhereAndWhoTheGatewayIs) {
  auto chosen = options();
  chosen.environment["GATEWAY_NAME"] = "north";
  chosen.environment["GATEWAY_REGION"] = "eu";
  chosen.environment["GATEWAY_PUBLIC_HOST"] = "books.example";
  gateway_process gateway(chosen);
  ASSERT_TRUE(gateway.wait_until_ready());
  const auto body = backend.record().joins.at(0);
  const auto place = "\"127.0.0.1:" + std::to_string(gateway.public_port()) + "\"";
  for (const std::string part : {"\"name\":\"north\"", "\"region\":\"eu\"",
                                 "\"host\":\"books.example\"", "\"secret\":\"join secret\""}) {
    EXPECT_NE(body.find(part), std::string::npos) << part;
  }
  EXPECT_NE(body.find(place), std::string::npos);
  EXPECT_NE(body.find(base::to_base64url(certificate.pin())), std::string::npos);
}

TEST_F(UnjoinedGateway, EachStartTellsThePlaceAndThePinsOfThePresentAndTheNextKey) {
  const net::testing::test_certificate next("localhost");
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_NEXT_KEY"] = next.public_key_file();
  gateway_process gateway(chosen);
  for (std::size_t start = 1; start <= 2; ++start) {
    ASSERT_TRUE(gateway.wait_until_ready());
    ASSERT_TRUE(backend.wait_for(
        [start](const backend_record& record) { return record.places.size() == start; }));
    const auto told = backend.record().places.back();
    const auto pins = "\"pins\":[\"" + base::to_base64url(certificate.pin()) + "\",\"" +
                      base::to_base64url(next.pin()) + "\"]";
    const auto place = "\"127.0.0.1:" + std::to_string(gateway.public_port()) + "\"";
    EXPECT_NE(told.find(pins), std::string::npos) << told;
    EXPECT_NE(told.find(place), std::string::npos) << told;
    gateway.terminate();
    ASSERT_EQ(gateway.wait_for_exit(exit_limit), 0);
    gateway.start_again();
  }
  EXPECT_EQ(backend.count_of(backend_call::join), 1U);
}

TEST_F(UnjoinedGateway, StopsWhenToldWhileItStillTriesToJoin) {
  backend.go_down();
  gateway_process gateway(options());
  EXPECT_FALSE(gateway.wait_for_exit(std::chrono::milliseconds(300)));
  gateway.terminate();
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 0);
}

TEST_F(UnjoinedGateway, IsNotReadyBeforeAnAdministratorApprovesIt) {
  backend.change([](backend_script& script) { script.state = "pending"; });
  auto chosen = options();
  chosen.environment["GATEWAY_HEARTBEAT_INTERVAL"] = "100";
  gateway_process gateway(chosen);
  ASSERT_TRUE(gateway.wait_until_ready());
  const auto waiting = fetch_plain(gateway.metrics_port(), "/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.body, "waits for approval\n");
  backend.change([](backend_script& script) { script.state = "approved"; });
  bool ready = false;
  for (int attempt = 0; attempt < 200 && !ready; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ready = fetch_plain(gateway.metrics_port(), "/readyz").status == 200;
  }
  EXPECT_TRUE(ready);
}

}
}
