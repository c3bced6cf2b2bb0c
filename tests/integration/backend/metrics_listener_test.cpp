#include <gtest/gtest.h>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

class MetricsListener : public ::testing::Test {
 protected:
  api_answer at_listener(std::string_view path, std::string_view method = "GET") const {
    return api_caller(world.process->metrics_address())
        .send({.method = std::string(method), .target = std::string(path)});
  }

  walk world;
};

TEST_F(MetricsListener, ShowsMetricsWithoutACredentialAndNothingElse) {
  EXPECT_TRUE(world.process->metrics_address().starts_with("127.0.0.1:"));
  EXPECT_NE(world.process->metrics_address(), world.process->address());
  const auto shown = at_listener("/metrics");
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body.find("\nhttvps_backend_build_info{version=\""), std::string::npos);
  EXPECT_NE(shown.body.find("\nhttvps_backend_db_pool_wait_seconds_count "), std::string::npos);
  EXPECT_NE(shown.body.find("\nhttvps_backend_key_age_seconds{kind=\"signing\"} "),
            std::string::npos);
  EXPECT_EQ(at_listener("/healthz").body, "ok\n");
  EXPECT_EQ(at_listener("/metrics", "POST").status, 405);
  for (const auto* path : {"/api/v1/admin/users", "/openapi.json", "/docs", "/readyz", "/"}) {
    EXPECT_EQ(at_listener(path).status, 404) << path;
  }
}

TEST_F(MetricsListener, ApiShowsMetricsToAdministratorsAlone) {
  const auto open = world.api->get("/metrics", "");
  EXPECT_EQ(open.status, 404);
  EXPECT_EQ(open.text("code"), "route_not_found");
  EXPECT_EQ(world.api->get("/api/v1/admin/metrics", "").text("code"), "credential_missing");
  const auto shown = world.admin_get("/metrics");
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body.find("\nhttvps_backend_http_requests_total{"), std::string::npos);
}

TEST(MetricsListenerSettings, PlacesThatOthersReachAreRefused) {
  const backend_folder folder;
  for (const auto* place : {"0.0.0.0:9091", "192.0.2.7:9091", "[::]:9091", "nowhere", ""}) {
    auto variables = folder.usual_environment();
    variables["BACKEND_METRICS_LISTEN"] = place;
    const auto refused = run_backend(folder, {}, variables);
    EXPECT_EQ(refused.exit_code, 2) << place;
    EXPECT_NE(refused.output.find("backend.metrics_listen must be a loopback address"),
              std::string::npos)
        << refused.output;
  }
}

}
}
