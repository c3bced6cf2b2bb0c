#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <thread>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using test_servers::test_engine;
using ::testing::HasSubstr;
using ::testing::Not;

class SqliteKeyring : public ::testing::Test {
 protected:
  program_outcome keyring(std::vector<std::string> words) {
    words.insert(words.begin(), "keyring");
    return run_backend(folder, words, variables);
  }

  boost::json::object ring() const {
    return boost::json::parse(folder.text_of("ring")).as_object();
  }

  backend_folder folder{test_engine::sqlite};
  environment variables = {{"BACKEND_DB_DSN", "sqlite://" + folder.file("backend.db")},
                           {"BACKEND_KEY_RING_FILE", folder.file("ring")}};
};

TEST_F(SqliteKeyring, AddsShowsAndActivatesKeysWithoutShowingThem) {
  const auto added = keyring({"add", "--name", "2026-11"});
  EXPECT_EQ(added.exit_code, 0) << added.output;
  EXPECT_EQ(added.output, "2026-11\n");
  const auto active = keyring({"activate", "2026-11"});
  EXPECT_EQ(active.exit_code, 0);
  EXPECT_EQ(active.output, "2026-11 active\n");
  ASSERT_EQ(keyring({"add", "--name", "2026-12"}).exit_code, 0);
  const auto shown = keyring({"show"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(shown.output, "2026-11 active\n2026-12\n");
  for (const auto& key : ring().at("keys").as_object()) {
    EXPECT_THAT(shown.output, Not(HasSubstr(std::string(key.value().as_string()))));
  }
  struct stat facts{};
  ASSERT_EQ(::stat(folder.file("ring").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(SqliteKeyring, RefusesWithASentenceAndAnExitCode) {
  const auto missing = keyring({"show"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.output, HasSubstr("There is no key ring file."));
  EXPECT_EQ(keyring({"activate", "2026-11"}).exit_code, 1);
  ASSERT_EQ(keyring({"add", "--name", "2026-11"}).exit_code, 0);
  const auto taken = keyring({"add", "--name", "2026-11"});
  EXPECT_EQ(taken.exit_code, 1);
  EXPECT_THAT(taken.output, HasSubstr("(key_name_taken)"));
  const auto unknown = keyring({"activate", "2027-01"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("(key_name_unknown)"));
  const auto odd = keyring({"add", "--name", "No:Such"});
  EXPECT_EQ(odd.exit_code, 1);
  EXPECT_THAT(odd.output, HasSubstr("(key_ring_invalid)"));
  EXPECT_EQ(keyring({}).exit_code, 2);
  EXPECT_EQ(keyring({"activate"}).exit_code, 2);
  ASSERT_EQ(::chmod(folder.file("ring").c_str(), 0644), 0);
  const auto exposed = keyring({"show"});
  EXPECT_EQ(exposed.exit_code, 1);
  EXPECT_THAT(exposed.output, HasSubstr("(key_file_exposed)"));
}

TEST_F(SqliteKeyring, KeysThatAreAddedAtOnceAllStay) {
  constexpr int most = 12;
  std::vector<std::thread> adders;
  std::vector<int> codes(most, -1);
  for (int i = 0; i < most; ++i) {
    adders.emplace_back([&, i] {
      const backend_folder own(test_engine::sqlite);
      codes[static_cast<std::size_t>(i)] =
          run_backend(own, {"keyring", "add", "--name", "key-" + std::to_string(i)}, variables)
              .exit_code;
    });
  }
  for (auto& adder : adders) {
    adder.join();
  }
  EXPECT_THAT(codes, ::testing::Each(0));
  EXPECT_EQ(ring().at("keys").as_object().size(), static_cast<std::size_t>(most));
}

environment with_ring(const backend_folder& folder) {
  return {{"BACKEND_KEY_RING_FILE", folder.file("ring")}};
}

TEST(KeyRingProgram, RewrapGoesOnAfterAKill) {
  walk world;
  const environment ring = with_ring(world.folder);
  world.variables.insert(ring.begin(), ring.end());
  ASSERT_EQ(
      run_backend(world.folder, {"keyring", "add", "--name", "new"}, world.variables).exit_code, 0);
  for (int i = 0; i < 560; ++i) {
    const auto made = world.admin_post("/nodes", {{"name", "node-" + std::to_string(i)},
                                                  {"region", "eu"},
                                                  {"access_key", planted_access_key()}});
    ASSERT_EQ(made.status, 201) << made.body;
  }
  ASSERT_EQ(run_backend(world.folder, {"keyring", "activate", "new"}, world.variables).exit_code,
            0);
  world.restart();
  const auto ordered = world.admin_post("/keys:rewrap", {});
  ASSERT_EQ(ordered.status, 200) << ordered.body;
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  world.process->kill();
  world.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(40);
  std::string seen;
  while (std::chrono::steady_clock::now() < end) {
    seen = world.admin_get("/keys").body;
    if (seen.find("\"state\":\"done\"") != std::string::npos) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_THAT(seen, HasSubstr("\"rewrapped\":561"));
  EXPECT_THAT(seen, HasSubstr("\"unreadable\":0"));
  EXPECT_THAT(seen, HasSubstr("{\"key_id\":\"new\",\"values\":561}"));
}

}
}
