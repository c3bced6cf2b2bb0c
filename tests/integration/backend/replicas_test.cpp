#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <sstream>

#include "httvps/base/encoding.hpp"
#include "support/foreign_load.hpp"
#include "support/redis_server.hpp"
#include "support/replica_crowd.hpp"
#include "support/replica_notes.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test_servers::postgresql_database;
using test_servers::test_engine;

constexpr auto longest_take_over = seconds(15);
constexpr std::size_t logins_at_once = 10;
constexpr auto orderly_take_over = seconds(6);
constexpr std::size_t duties_at_least = 8;
constexpr double lowest_pace = 0.1 * writes_a_second;
constexpr double quiet_pace = 0.9 * writes_a_second;
constexpr double quiet_machine = 0.1;

environment replica_environment(const postgresql_database& database, environment more) {
  more.insert({{"BACKEND_DB_DSN", database.dsn()},
               {"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
               {"BACKEND_LOG_LEVEL", "info"}});
  return more;
}

struct Replicas : ::testing::Test {
  explicit Replicas(environment more = {})
      : world(replica_environment(database, std::move(more)), test_engine::sqlite) {
    second = start();
    note_addresses();
  }

  std::unique_ptr<backend_process> start() const {
    return std::make_unique<backend_process>(world.folder, world.variables);
  }
  void note_addresses() {
    replicas.set(0, world.process->address());
    replicas.set(1, second->address());
  }
  api_caller at_second() const { return api_caller(second->address()); }

  struct duty_count {
    std::size_t all = 0;
    std::size_t held = 0;

    bool is_whole() const noexcept { return all >= duties_at_least && held == all; }
  };
  static duty_count duties_of(const api_caller& figures) {
    constexpr std::string_view gauge = "httvps_backend_lease_holder{";
    duty_count counted;
    std::istringstream lines(figures.get("/metrics", "").body);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(gauge)) {
        ++counted.all;
        counted.held += line.ends_with(" 1") ? 1 : 0;
      }
    }
    return counted;
  }
  api_caller figures_of_first() const { return api_caller(world.process->metrics_address()); }
  api_caller figures_of_second() const { return api_caller(second->metrics_address()); }
  static milliseconds wait_until_all_held(const api_caller& figures, milliseconds limit) {
    const auto started = clock::now();
    while (!duties_of(figures).is_whole() && clock::now() - started < limit) {
      std::this_thread::sleep_for(milliseconds(100));
    }
    return std::chrono::duration_cast<milliseconds>(clock::now() - started);
  }
  std::string ask(const std::string& sql) const { return database.query(sql); }
  bool gets_empty(const std::string& table) const {
    const auto until = clock::now() + seconds(60);
    const auto sql = "SELECT COUNT(*) FROM " + table;
    while (ask(sql) != "0" && clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(200));
    }
    return ask(sql) == "0";
  }
  void kill_one_under_writes();
  static void expect_full_pace(const writer_crowd& crowd);
  void expect_exact_books(const writer_totals& truth) const;

  postgresql_database database;
  walk world;
  std::unique_ptr<backend_process> second;
  replica_addresses replicas;
};

void Replicas::expect_exact_books(const writer_totals& truth) const {
  EXPECT_EQ(truth.writes, all_writes);
  EXPECT_EQ(ask("SELECT SUM(acked_through) FROM usage_epochs"), std::to_string(truth.batches));
  EXPECT_GT(truth.retries, 0U);
  EXPECT_EQ(ask("SELECT COUNT(*) FROM usage_batches"), std::to_string(truth.batches));
  EXPECT_EQ(ask("SELECT COUNT(*) FROM users WHERE name LIKE 'user-%'"),
            std::to_string(truth.users.size()));
  EXPECT_TRUE(gets_empty("usage_unposted"));
  EXPECT_EQ(ask("SELECT SUM(up) || '/' || SUM(down) FROM subscription_usage"),
            std::to_string(truth.up) + "/" + std::to_string(truth.down));
  EXPECT_TRUE(gets_empty("usage_backlog"));
  EXPECT_EQ(ask("SELECT SUM(up) || '/' || SUM(down) FROM usage_daily"),
            std::to_string(truth.up) + "/" + std::to_string(truth.down));
  EXPECT_EQ(ask("SELECT SUM(up) || '/' || SUM(down) FROM usage_hourly"),
            std::to_string(truth.up) + "/" + std::to_string(truth.down));
  EXPECT_EQ(ask("SELECT COUNT(*) FROM usage_quarantine"), "0");
}

void Replicas::expect_full_pace(const writer_crowd& crowd) {
  const auto used_before = used_processor_time();
  const auto started = clock::now();
  const std::uint64_t done_before = crowd.done;
  std::this_thread::sleep_for(seconds(1));
  const auto written = static_cast<double>(crowd.done - done_before);
  const std::chrono::duration<double> took = clock::now() - started;
  const auto foreign = foreign_time(used_before, used_processor_time()) / took.count();
  const auto pace = written / took.count();
  std::printf("%.0f writes/s in the second before the kill, %.2f cores of foreign load\n", pace,
              foreign);
  EXPECT_GE(pace, foreign <= quiet_machine ? quiet_pace : lowest_pace);
}

void Replicas::kill_one_under_writes() {
  world.fill();
  world.plan =
      world.admin_post("/plans", {{"code", "open"}, {"name", "Open"}, {"session_limit", 1000}})
          .text("id");
  writer_crowd crowd(world, replicas);
  ASSERT_LT(wait_until_all_held(figures_of_first(), seconds(30)), seconds(30));
  ASSERT_EQ(duties_of(figures_of_second()).held, 0U);
  const auto started = clock::now();
  crowd.start();
  crowd.wait_for(all_writes / 4);
  expect_full_pace(crowd);
  const auto killed_at = clock::now();
  world.process->kill();
  const auto moved = wait_until_all_held(figures_of_second(), 2 * longest_take_over);
  EXPECT_LE(moved, longest_take_over);
  crowd.wait_for(all_writes * 3 / 5);
  world.process = start();
  replicas.set(0, world.process->address());
  crowd.finish();
  const std::chrono::duration<double> took = clock::now() - started;
  const auto truth = crowd.sum();
  RecordProperty("take_over_ms", static_cast<int>(moved.count()));
  RecordProperty("writes_a_second",
                 static_cast<int>(static_cast<double>(truth.writes) / took.count()));
  RecordProperty("retries", static_cast<int>(truth.retries));
  expect_exact_books(truth);
  expect_notes(ask("SELECT STRING_AGG(session, ' ') FROM known_sessions"), truth,
               {.replica = 0, .at = killed_at});
}

struct running_redis {
  test_servers::redis_server redis;
};

struct ReplicasWithRedis : running_redis, Replicas {
  ReplicasWithRedis() : Replicas({{"BACKEND_REDIS_URL_FILE", redis.url_file()}}) {}

  std::array<api_caller, 2> both() const { return {api_caller(replicas.at(0)), at_second()}; }
  std::array<api_caller, 2> both_figures() const {
    return {figures_of_first(), figures_of_second()};
  }
  bool have_redis() const {
    return std::ranges::all_of(both_figures(), [](const auto& each) {
      return each.get("/metrics", "").body.find("httvps_backend_redis_links 4") !=
             std::string::npos;
    });
  }
  bool wait_for_redis() const {
    const auto end = clock::now() + seconds(20);
    while (!have_redis() && clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(50));
    }
    return have_redis();
  }
  std::size_t tries_admitted(std::size_t tries) const {
    std::size_t admitted = 0;
    for (std::size_t tried = 0; tried < tries; ++tried) {
      const auto answer = both().at(tried % 2).post("/api/v1/admin/login", "",
                                                    {{"name", "nobody"}, {"password", wrong}});
      admitted += answer.status == 401 ? 1 : 0;
      EXPECT_TRUE(answer.status == 401 || answer.status == 429) << answer.body;
    }
    return admitted;
  }

  double calls_without_redis() const {
    constexpr std::string_view line = "httvps_backend_redis_calls_total{result=\"failed\"} ";
    double failed = 0;
    for (const auto& each : both_figures()) {
      const auto text = each.get("/metrics", "").body;
      failed += std::stod(text.substr(text.find(line) + line.size()));
    }
    return failed;
  }
  void expect_one_bucket() const {
    const auto before = calls_without_redis();
    const auto admitted = static_cast<double>(tries_admitted(16));
    EXPECT_NEAR(admitted, logins_at_once, calls_without_redis() - before);
  }

  static constexpr std::string_view wrong = "not the password of anybody";
};

TEST_F(Replicas, KillOfOneUnderWritesLosesAndDoublesNothingAndItsDutiesMove) {
  kill_one_under_writes();
}

TEST_F(ReplicasWithRedis, KillOfOneUnderWritesLosesAndDoublesNothingAndItsDutiesMove) {
  ASSERT_TRUE(wait_for_redis());
  kill_one_under_writes();
  ASSERT_TRUE(wait_for_redis());
}

TEST_F(ReplicasWithRedis, LimitOfLoginsHoldsOverBoth) {
  ASSERT_TRUE(wait_for_redis());
  expect_one_bucket();
  for (const auto& name : redis.keys()) {
    EXPECT_TRUE(name.starts_with("httvps:")) << name;
    EXPECT_EQ(name.find("nobody"), std::string::npos);
    EXPECT_EQ(name.find("127.0.0.1"), std::string::npos);
  }
  EXPECT_EQ(world.folder.everything_written().find(test_servers::redis_password),
            std::string::npos);
}

TEST_F(ReplicasWithRedis, LimitOfLoginsIsKeptInMemoryWhileRedisIsAway) {
  ASSERT_TRUE(wait_for_redis());
  EXPECT_EQ(tries_admitted(4), 4U);
  const auto counted_in_memory = calls_without_redis();
  redis.kill();
  const auto admitted = static_cast<double>(tries_admitted(24));
  EXPECT_NEAR(admitted, 2.0 * logins_at_once, counted_in_memory);
  for (const auto& each : both()) {
    EXPECT_EQ(each.get("/readyz", "").status, 200);
  }
  redis.start();
  ASSERT_TRUE(wait_for_redis());
  expect_one_bucket();
}

TEST_F(Replicas, PollAtOneHearsOfARevocationWrittenAtTheOther) {
  world.fill();
  const auto gateway = world.join("orchard-gate");
  const auto device = world.enrol(gateway);
  const auto path = std::string("/api/v1/gateway/config");
  const auto rev = at_second().get(path, gateway.credential).json().at("rev");
  const auto query = "?rev=" + std::to_string(rev.to_number<std::uint64_t>()) + "&wait=50";
  auto waiting = std::async(std::launch::async,
                            [&] { return at_second().get(path + query, gateway.credential); });
  EXPECT_EQ(waiting.wait_for(milliseconds(700)), std::future_status::timeout);
  const auto written = clock::now();
  ASSERT_EQ(world.admin_post("/devices/" + device.id + ":revoke", {}).status, 200);
  const auto answer = waiting.get();
  EXPECT_LT(clock::now() - written, seconds(10));
  const auto listed = answer.json().at("revoked_devices").as_array();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(std::string(listed.front().as_string()), device.id);
}

TEST_F(Replicas, ProofShownAtOneIsAReplayAtTheOther) {
  world.fill();
  const auto gateway = world.join("orchard-gate");
  const auto device = world.enrol(gateway);
  auto request =
      proven_request("POST", "/api/v1/devices/token", {.key = device.key, .token = device.token});
  request.headers.add("X-HTTVPS-Gateway", "Bearer " + gateway.credential);
  EXPECT_EQ(world.api->send(request).status, 200);
  const auto replayed = at_second().send(request);
  EXPECT_EQ(replayed.status, 401);
  EXPECT_EQ(replayed.text("code"), "proof_replayed");
}

TEST_F(Replicas, CredentialsAndSessionsOfOneAreGoodAtTheOther) {
  world.fill();
  const auto gateway = world.join("orchard-gate");
  const auto device = world.enrol(gateway);
  const auto config = at_second().get("/api/v1/gateway/config", gateway.credential);
  EXPECT_EQ(config.status, 200);
  const auto allowed = at_second().post("/api/v1/auth/validate-device", gateway.credential,
                                        {{"token", device.token}, {"session", "00000000000000aa"}});
  ASSERT_EQ(allowed.status, 200) << allowed.body;
  EXPECT_TRUE(allowed.json().at("allow").as_bool());
  EXPECT_EQ(world.process->stop(), 0);
  EXPECT_LT(wait_until_all_held(figures_of_second(), longest_take_over), orderly_take_over);
}

}
}
