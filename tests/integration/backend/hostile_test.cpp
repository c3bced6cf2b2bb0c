#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

api_answer raw_post(const walk& world, std::string_view path, std::string body) {
  net::http_request request{.method = "POST", .target = std::string(path)};
  request.headers.add("Authorization", "Bearer " + world.folder.admin_token());
  request.body = std::move(body);
  return world.api->send(std::move(request));
}

TEST(BackendErrors, NameEveryFieldWithItsPointer) {
  const walk world;
  const auto answer = raw_post(world, "/api/v1/admin/users", R"({"name":"","colour":1})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.text("code"), "invalid_request");
  EXPECT_EQ(answer.text("type"), "urn:httvps:problem:invalid_request");
  EXPECT_EQ(answer.text("instance"), "/api/v1/admin/users");
  EXPECT_EQ(answer.text("request_id"), answer.headers.find("X-Request-Id"));
  const auto errors = answer.json().at("errors").as_array();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(text_at(errors[0].as_object(), "pointer"), "/name");
  EXPECT_EQ(text_at(errors[1].as_object(), "code"), "unknown_field");
}

TEST(BackendErrors, RefuseGarbageWithFourHundreds) {
  const walk world;
  EXPECT_EQ(raw_post(world, "/api/v1/admin/users", "{").status, 400);
  EXPECT_EQ(raw_post(world, "/api/v1/admin/users", std::string(100, '[')).status, 400);
  EXPECT_EQ(raw_post(world, "/api/v1/admin/users", "").status, 400);
  EXPECT_EQ(raw_post(world, "/api/v1/admin/users", std::string(1100000, ' ')).status, 413);
  EXPECT_EQ(raw_post(world, "/api/v1/nothing", "{}").status, 404);
  EXPECT_EQ(raw_post(world, "/api/v1/me", "{}").status, 405);
  EXPECT_EQ(world.admin_get("/users?page_size=x").status, 422);
  EXPECT_EQ(world.admin_get("/users?colour=red").status, 422);
  EXPECT_EQ(world.admin_get("/users?page_token=%FF").status, 400);
  EXPECT_EQ(world.admin_get("/users?page_token=!!!").text("code"), "page_token_invalid");
  EXPECT_EQ(world.admin_get("/subscriptions/usr_x").text("code"), "subscription_not_found");
  EXPECT_EQ(world.api->get("/healthz", "").status, 200);
}

TEST(BackendErrors, CredentialsOpenTheirOwnDoorsOnly) {
  walk world;
  world.fill();
  const auto gateway = world.join("gate");
  const json_object empty;
  EXPECT_EQ(world.api->get("/api/v1/admin/users", "").status, 401);
  EXPECT_EQ(world.api->get("/api/v1/admin/users", "htv_guess").status, 401);
  EXPECT_EQ(world.api->get("/api/v1/admin/users", gateway.credential).status, 401);
  EXPECT_EQ(world.api->get("/api/v1/gateway/config", world.folder.admin_token()).status, 401);
  EXPECT_EQ(world.api->get("/api/v1/gateway/config", world.node_credential).status, 401);
  EXPECT_EQ(world.api->post("/api/v1/outline/heartbeat", gateway.credential, empty).status, 401);
  EXPECT_EQ(world.api->get("/api/v1/me", gateway.credential).status, 401);
}

TEST(BackendErrors, DeviceCallsNeedTheGatewayAndTheProof) {
  walk world;
  world.fill();
  const auto gateway = world.join("gate");
  const auto device = world.enrol(gateway);
  auto without_gateway =
      proven_request("GET", "/api/v1/me", {.key = device.key, .token = device.token});
  EXPECT_EQ(world.api->send(std::move(without_gateway)).text("code"), "credential_missing");
  auto moved =
      proven_request("GET", "/api/v1/devices/config", {.key = device.key, .token = device.token});
  moved.target = "/api/v1/me";
  moved.headers.add("X-HTTVPS-Gateway", "Bearer " + gateway.credential);
  const auto answer = world.api->send(std::move(moved));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.text("code"), "proof_invalid");
}

TEST(BackendErrors, JoiningIsLimitedPerAddress) {
  const walk world;
  const auto box = identity::box_key::generate(base::secure_random());
  auto body = world.join_body("gate", box);
  body["secret"] = "guessed-secret-000000";
  int limited = 0;
  for (int i = 0; i < 40; ++i) {
    const auto answer = world.api->post("/api/v1/gateway/join", "", body);
    limited += answer.status == 429 ? 1 : 0;
  }
  EXPECT_GT(limited, 10);
  EXPECT_LT(limited, 25);
}

TEST(BackendSecrets, NeverReachLogsAnswersOrTheDatabaseInClear) {
  walk world;
  world.fill();
  const auto gateway = world.join("gate");
  const auto device = world.enrol(gateway);
  std::string answers;
  const json_object twice{
      {"name", "orchard"}, {"region", "eu"}, {"access_key", planted_access_key()}};
  answers += world.admin_post("/nodes", twice).body;
  const json_object bad{
      {"name", "x"}, {"region", "eu"}, {"access_key", planted_access_key() + "#\n"}};
  answers += world.admin_post("/nodes", bad).body;
  answers += world.admin_get("/nodes").body;
  answers += world.admin_get("/gateways").body;
  answers += world.admin_get("/devices").body;
  const auto box = identity::box_key::generate(base::secure_random());
  answers += world.api->post("/api/v1/gateway/join", "", world.join_body("gate", box)).body;
  world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                   {{"token", device.token}, {"region", ""}});
  EXPECT_EQ(world.process->stop(), 0);
  const auto kept = answers + world.folder.everything_written();
  EXPECT_NE(kept.find("gateway_name_taken"), std::string::npos);
  EXPECT_NE(kept.find("enc:v1:"), std::string::npos);
  for (const auto& secret :
       {std::string(planted_password), planted_access_key(), std::string(gateway_secret),
        world.folder.admin_token(), gateway.credential, world.node_credential, device.token,
        std::string(test_servers::postgresql_password)}) {
    EXPECT_EQ(kept.find(secret), std::string::npos) << secret;
  }
}

std::string line_of(const std::string& log, const std::string& request_id) {
  const auto found = log.find("\"request_id\":\"" + request_id + "\"");
  if (found == std::string::npos) {
    return {};
  }
  const auto begin = log.rfind('\n', found) + 1;
  return log.substr(begin, log.find('\n', found) - begin);
}

TEST(BackendLog, LineOfARequestNamesTheRequestItsOutcomeDeviceAndNode) {
  walk world;
  world.fill();
  const auto gateway = world.join("gate");
  const auto device = world.enrol(gateway);
  const auto assigned = world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                                         {{"token", device.token}, {"region", ""}});
  const auto refused = world.api->get("/api/v1/admin/users", "htv_wrong");
  EXPECT_EQ(world.process->stop(), 0);
  const auto log = world.folder.text_of("log");
  const auto good = line_of(log, std::string(*assigned.headers.find("X-Request-Id")));
  EXPECT_NE(good.find("\"device_id\":\"" + device.id + "\""), std::string::npos) << good;
  EXPECT_NE(good.find("\"node_id\":\"" + world.node + "\""), std::string::npos) << good;
  EXPECT_NE(good.find("\"status\":200"), std::string::npos) << good;
  const auto bad = line_of(log, std::string(*refused.headers.find("X-Request-Id")));
  EXPECT_NE(bad.find("\"code\":\"credential_invalid\""), std::string::npos) << bad;
}

TEST(SqliteBackend, AnswersStorageFullAndKeepsReading) {
  walk world({{"BACKEND_DB_MAX_BYTES", "600000"}}, test_servers::test_engine::sqlite);
  const std::string note(900, 'n');
  api_answer last;
  for (int i = 0; i < 2000 && last.status != 507; ++i) {
    last = world.admin_post("/users", {{"name", "user " + std::to_string(i)}, {"note", note}});
  }
  EXPECT_EQ(last.status, 507);
  EXPECT_EQ(last.text("code"), "storage_full");
  EXPECT_EQ(world.admin_get("/users").status, 200);
  EXPECT_EQ(world.api->get("/readyz", "").status, 200);
}

TEST(BackendProgram, MigratesFromTheCommandLineAndRefusesANewerSchema) {
  const backend_folder folder;
  const auto variables = folder.usual_environment();
  const auto up = run_backend(folder, {"migrate", "up"}, variables);
  EXPECT_EQ(up.exit_code, 0) << up.output;
  EXPECT_NE(up.output.find("0001 accounts applied"), std::string::npos);
  const auto down = run_backend(folder, {"migrate", "down", "--to", "0"}, variables);
  EXPECT_EQ(down.exit_code, 0);
  EXPECT_NE(down.output.find("0001 accounts waiting"), std::string::npos);
  EXPECT_EQ(run_backend(folder, {"migrate", "up"}, variables).exit_code, 0);
  folder.run_sql("INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 0)");
  const auto refused = run_backend(folder, {}, variables);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.output.find("newer version"), std::string::npos);
}

TEST(BackendProgram, NamesEveryBadSettingAndExitsWithTwo) {
  const backend_folder folder;
  auto variables = folder.usual_environment();
  variables.erase("BACKEND_SECRET_KEY_FILE");
  variables["BACKEND_LISTEN"] = "nowhere";
  variables["BACKEND_DB_DSN"] = "mysql://x";
  const auto refused = run_backend(folder, {}, variables);
  EXPECT_EQ(refused.exit_code, 2);
  for (const auto* name : {"BACKEND_SECRET_KEY", "backend.listen", "sqlite://"}) {
    EXPECT_NE(refused.output.find(name), std::string::npos) << refused.output;
  }
}

TEST(BackendProgram, RefusesAKeyThatDoesNotOpenTheDatabase) {
  walk world;
  EXPECT_EQ(world.process->stop(), 0);
  std::filesystem::remove(world.folder.file("secret-key"));
  const auto refused = run_backend(world.folder, {}, world.variables);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output.find("secret_unreadable"), std::string::npos);
}

TEST(BackendProgram, RefusesAKeyFileThatOthersMayRead) {
  const backend_folder folder;
  std::ofstream(folder.file("secret-key")) << std::string(64, 'a') << "\n";
  std::filesystem::permissions(folder.file("secret-key"), std::filesystem::perms::owner_all |
                                                              std::filesystem::perms::others_read);
  const auto refused = run_backend(folder, {}, folder.usual_environment());
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output.find("key_file_exposed"), std::string::npos);
}

TEST(BackendProgram, DescribesItselfInOpenapi) {
  const walk world;
  const auto answer = world.api->get("/openapi.json", "");
  ASSERT_EQ(answer.status, 200);
  const auto document = answer.json();
  EXPECT_EQ(text_at(document, "openapi"), "3.1.0");
  const auto& paths = document.at("paths").as_object();
  for (const auto* path :
       {"/api/v1/auth/validate-device", "/api/v1/nodes/assign-outline", "/api/v1/usage/report",
        "/api/v1/gateway/heartbeat", "/api/v1/outline/heartbeat", "/api/v1/admin/users"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
  EXPECT_NE(world.metrics().find("httvps_backend_http_requests_total"), std::string::npos);
}

}
}
