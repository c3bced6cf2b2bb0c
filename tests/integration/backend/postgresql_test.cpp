#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <filesystem>
#include <fstream>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using test_servers::postgresql_durability;
using test_servers::postgresql_password;
using test_servers::postgresql_server;
using test_servers::test_engine;

void write_private(const std::string& path, const std::string& content) {
  std::ofstream(path) << content << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
}

std::size_t count_users(const walk& world) {
  return world.admin_get("/users?page_size=1000").json().at("items").as_array().size();
}

TEST(PostgresqlBackend, AcknowledgedWritesOutliveTheKillOfBackendAndServer) {
  postgresql_server server({.durability = postgresql_durability::full});
  walk world({{"BACKEND_DB_DSN", server.dsn("postgres")}}, test_engine::sqlite);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(world.admin_post("/users", {{"name", "user " + std::to_string(i)}}).status, 201);
  }
  world.process->kill();
  server.crash();
  server.start();
  world.restart();
  EXPECT_EQ(count_users(world), 20U);
}

TEST(PostgresqlBackend, SaysBusyWhileTheServerIsAwayAndComesBackByItself) {
  postgresql_server server;
  walk world({{"BACKEND_DB_DSN", server.dsn("postgres")}}, test_engine::sqlite);
  ASSERT_EQ(world.admin_post("/users", {{"name", "ada"}}).status, 201);
  server.stop();
  const auto refused = world.admin_post("/users", {{"name", "lost"}});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.text("code"), "storage_busy");
  EXPECT_TRUE(refused.headers.find("Retry-After").has_value());
  server.start();
  EXPECT_EQ(world.admin_post("/users", {{"name", "grace"}}).status, 201);
  EXPECT_EQ(count_users(world), 2U);
}

TEST(PostgresqlBackend, TakesItsAddressFromAFileAndShowsItsPasswordNowhere) {
  walk world({}, test_engine::postgresql);
  EXPECT_EQ(world.process->stop(), 0);
  const auto file = world.folder.file("dsn");
  write_private(file, world.folder.dsn());
  world.variables.erase("BACKEND_DB_DSN");
  world.variables["BACKEND_DB_DSN_FILE"] = file;
  world.restart();
  EXPECT_EQ(world.admin_post("/users", {{"name", "ada"}}).status, 201);
  EXPECT_EQ(world.admin_post("/users", {{"name", "ada"}}).status, 409);
  EXPECT_EQ(world.process->stop(), 0);
  std::filesystem::remove(file);
  EXPECT_EQ(world.folder.everything_written().find(postgresql_password), std::string::npos);
}

TEST(PostgresqlBackend, TakesOverEverythingFromSqlite) {
  walk world({}, test_engine::sqlite);
  world.fill();
  const auto token = world.folder.admin_token();
  EXPECT_EQ(world.process->stop(), 0);
  const test_servers::postgresql_database target;
  const auto file = world.folder.file("target");
  write_private(file, target.dsn());
  const auto copied = run_backend(
      world.folder, {"migrate", "copy", "--from", world.folder.dsn(), "--to-file", file}, {});
  ASSERT_EQ(copied.exit_code, 0) << copied.output;
  EXPECT_NE(copied.output.find("users rows 1 sha256 "), std::string::npos) << copied.output;
  EXPECT_EQ(copied.output.find(postgresql_password), std::string::npos);
  world.variables["BACKEND_DB_DSN"] = target.dsn();
  world.restart();
  EXPECT_EQ(count_users(world), 1U);
  EXPECT_EQ(world.folder.admin_token(), token);
  EXPECT_EQ(world.join("gate").id.substr(0, 3), "gw_");
}

TEST(PostgresqlBackend, CopiesNothingWithAPasswordOnTheCommandLine) {
  const backend_folder folder(test_engine::sqlite);
  const test_servers::postgresql_database target;
  const auto refused =
      run_backend(folder, {"migrate", "copy", "--from", folder.dsn(), "--to", target.dsn()}, {});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.output.find("--to-file"), std::string::npos) << refused.output;
  EXPECT_EQ(refused.output.find(postgresql_password), std::string::npos);
  const auto unsaid = run_backend(folder, {"migrate", "copy", "--from", folder.dsn()}, {});
  EXPECT_EQ(unsaid.exit_code, 2);
}

TEST(PostgresqlBackend, ShowsNoPasswordWhenItCannotOpenTheDatabase) {
  const backend_folder folder(test_engine::postgresql);
  auto variables = folder.usual_environment();
  variables["BACKEND_DB_DSN"] = "postgres://nobody:planted-word@127.0.0.1:1/none";
  const auto refused = run_backend(folder, {}, variables);
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_NE(refused.output.find("cannot_open"), std::string::npos) << refused.output;
  EXPECT_EQ(refused.output.find("planted-word"), std::string::npos) << refused.output;
}

TEST(PostgresqlBackend, NeedsToBeToldWhereItsKeysAre) {
  const backend_folder folder(test_engine::postgresql);
  auto variables = folder.usual_environment();
  variables.erase("BACKEND_ROOT_KEY_FILE");
  variables.erase("BACKEND_ADMIN_TOKEN_FILE");
  const auto refused = run_backend(folder, {}, variables);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.output.find("BACKEND_ROOT_KEY_FILE"), std::string::npos) << refused.output;
  EXPECT_NE(refused.output.find("BACKEND_ADMIN_TOKEN_FILE"), std::string::npos) << refused.output;
  EXPECT_EQ(run_backend(folder, {"migrate", "up"}, variables).exit_code, 0);
}

TEST(PostgresqlBackend, LeavesMigratingToTheOperatorWhenTold) {
  const backend_folder folder(test_engine::postgresql);
  auto variables = folder.usual_environment();
  variables["BACKEND_DB_MIGRATE"] = "false";
  const auto refused = run_backend(folder, {}, variables);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.output.find("schema_older"), std::string::npos) << refused.output;
  ASSERT_EQ(run_backend(folder, {"migrate", "up"}, variables).exit_code, 0);
  backend_process running(folder, variables);
  EXPECT_EQ(running.stop(), 0);
}

}
}
