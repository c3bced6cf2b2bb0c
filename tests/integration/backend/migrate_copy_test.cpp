#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using test_servers::test_engine;

std::map<std::string, std::string> table_lines(const std::string& output) {
  std::map<std::string, std::string> found;
  std::istringstream lines(output);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find(" rows ") != std::string::npos && line.find(" sha256 ") != std::string::npos) {
      found[line.substr(0, line.find(' '))] = line;
    }
  }
  return found;
}

std::string between(const std::string& text, std::string_view before, char after) {
  const auto begin = text.find(before) + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

environment libpq_names(const std::string& dsn) {
  return {{"PGUSER", "postgres"},
          {"PGPASSWORD", std::string(test_servers::postgresql_password)},
          {"PGHOST", between(dsn, "?host=", '&')},
          {"PGPORT", between(dsn, "&port=", '&')},
          {"PGDATABASE", between(dsn, "@/", '?')}};
}

class MigrateCopy : public ::testing::Test {
 protected:
  MigrateCopy() {
    world.fill();
    world.process->stop();
  }

  program_outcome copy(const std::vector<std::string>& options, const environment& variables) {
    std::vector<std::string> words = {"migrate", "copy"};
    words.insert(words.end(), options.begin(), options.end());
    return run_backend(world.folder, words, variables);
  }
  std::string file_with(const std::string& text) {
    auto path = world.folder.file("address-of-target");
    std::ofstream(path) << text << "\n";
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    return path;
  }

  walk world{{}, test_engine::sqlite};
  backend_folder target{test_engine::postgresql};
};

TEST_F(MigrateCopy, FromSqliteToPostgresNamesEachTableWithRowsAndDigest) {
  const auto moved =
      copy({"--from", "sqlite", "--to", "postgres", "--to-file", file_with(target.dsn())},
           world.variables);
  ASSERT_EQ(moved.exit_code, 0) << moved.output;
  const auto there = table_lines(moved.output);
  EXPECT_EQ(there.at("users").substr(0, 20), "users rows 1 sha256 ");
  EXPECT_EQ(there.count("schema_migrations"), 0U);
  EXPECT_NE(moved.output.find(" rows copied and verified"), std::string::npos);
  const auto back = copy({"--from", "postgres", "--to", "sqlite://" + world.folder.file("back.db")},
                         target.usual_environment());
  ASSERT_EQ(back.exit_code, 0) << back.output;
  EXPECT_EQ(table_lines(back.output), there);
}

TEST_F(MigrateCopy, PostgresAloneIsTheOneThatLibpqKnows) {
  auto variables = world.variables;
  variables.merge(libpq_names(target.dsn()));
  const auto moved = copy({"--from", "sqlite", "--to", "postgres"}, variables);
  ASSERT_EQ(moved.exit_code, 0) << moved.output;
  const auto again = copy({"--from", "sqlite", "--to", "postgres"}, variables);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.output.find("(copy_target_not_empty)"), std::string::npos) << again.output;
}

TEST_F(MigrateCopy, WhatIsNotNamedOrDiffersIsRefused) {
  EXPECT_EQ(copy({"--from", "sqlite"}, world.variables).exit_code, 2);
  EXPECT_EQ(copy({"--from", "sqlite", "--to", "sqlite", "--to-file", file_with(target.dsn())},
                 world.variables)
                .exit_code,
            2);
  EXPECT_EQ(copy({"--from", "sqlite", "--to", "postgres"}, target.usual_environment()).exit_code,
            2);
  const auto open =
      copy({"--from", "sqlite", "--to", "postgres://ada:secret@localhost/x"}, world.variables);
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_EQ(open.output.find("secret"), std::string::npos);
}

}
}
