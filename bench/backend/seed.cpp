#include "backend/seed.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "httvps/backend/core/key_files.hpp"
#include "httvps/backend/services/signing_authority.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::bench {
namespace {

using namespace backend;

constexpr std::size_t rare_each = 1000;
constexpr std::size_t days_of_tickets = 8;
constexpr std::uint64_t generous_quota = 1'000'000'000'000'000;

template <typename Value>
Value must(base::result<Value> outcome) {
  if (!outcome) {
    throw std::runtime_error(std::string(base::label_of(outcome.error())));
  }
  return *std::move(outcome);
}

testing::environment quick_environment() {
  return {{"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
          {"BACKEND_LOG_LEVEL", "info"},
          {"BACKEND_ADMIN_RATE", "100000"}};
}

std::string user_rows(const population& wanted) {
  return fmt::format(
      "INSERT INTO users (id, name, state, note, created_at) "
      "SELECT 'usr_' || lpad(n::text, 26, '0'), 'user-' || lpad(n::text, 8, '0'), "
      "CASE WHEN n > {} AND n % {} = 0 THEN 'suspended' ELSE 'active' END, '', past.at + n "
      "FROM generate_series(1, {}) AS n, past;",
      wanted.devices, rare_each, wanted.rows);
}

std::string subscription_rows(const population& wanted, const std::string& plan) {
  return fmt::format(
      "INSERT INTO subscriptions (id, user_id, plan_id, state, starts_at, created_at, "
      "suspended_at, quota_bytes, expires_at) "
      "SELECT 'sub_' || lpad(n::text, 26, '0'), 'usr_' || lpad(n::text, 26, '0'), '{}', 'active', "
      "CASE WHEN kind = 1 THEN past.at * 2 ELSE past.at END, past.at, "
      "CASE WHEN kind = 2 THEN past.at END, CASE WHEN kind = 3 THEN 0 END, "
      "CASE WHEN kind = 4 THEN past.at + 1 END "
      "FROM (SELECT n, CASE WHEN n > {} THEN n % {} END AS kind FROM generate_series(1, {}) AS n) "
      "AS numbered, past;",
      plan, wanted.devices, rare_each, wanted.rows);
}

std::string device_rows(const population& wanted) {
  return fmt::format(
      "INSERT INTO devices (id, user_id, subscription_id, ticket_id, name, platform, public_key, "
      "state, enrolled_at) SELECT 'dev_' || lpad(n::text, 26, '0'), "
      "'usr_' || lpad(n::text, 26, '0'), 'sub_' || lpad(n::text, 26, '0'), "
      "'tkt_' || lpad(n::text, 26, '0'), 'laptop', 'linux', lpad(n::text, 43, 'A'), 'active', "
      "past.at FROM generate_series(1, {}) AS n, past;",
      wanted.rows);
}

std::string usage_rows(const population& wanted, const std::string& node) {
  return fmt::format(
      "INSERT INTO usage_daily (day, device_id, node_id, up, down) "
      "SELECT to_char(current_date - {0} + (n % {0})::int, 'YYYY-MM-DD'), "
      "'dev_' || lpad((n / {0} + 1)::text, 26, '0'), '{1}', n, n "
      "FROM generate_series(0, {2} - 1) AS n;",
      days_of_usage, node, wanted.rows);
}

std::string ticket_rows(const population& wanted) {
  return fmt::format(
      "INSERT INTO enrolment_tickets (id, user_id, gateway_id, max_uses, uses, expires_at, "
      "created_at) SELECT 'tkt_' || lpad(n::text, 26, '0'), 'usr_' || lpad(n::text, 26, '0'), "
      "'gw_' || lpad('1', 26, '0'), 2, n % 3, past.at + (n % {}) * 86400000000, past.at "
      "FROM generate_series(1, {}) AS n, past;",
      days_of_tickets, wanted.rows);
}

std::string month_rows(const population& wanted, const std::string& node) {
  return fmt::format(
      "INSERT INTO usage_monthly (month, device_id, node_id, up, down) "
      "SELECT to_char(current_date - (n % {0} + 2) * interval '1 month', 'YYYY-MM'), "
      "'dev_' || lpad((n / {0} + 1)::text, 26, '0'), '{1}', n, n "
      "FROM generate_series(0, {2} - 1) AS n;",
      months_of_usage, node, wanted.rows);
}

std::string hour_rows(const population& wanted) {
  return fmt::format(
      "INSERT INTO usage_hourly (hour, node_id, gateway_id, up, down) "
      "SELECT to_char(current_date - {0} + (n % {1}) * interval '1 hour', "
      "'YYYY-MM-DD\"T\"HH24'), 'node_' || lpad((n / {1} / {2} + 1)::text, 26, '0'), "
      "'gw_' || lpad((n / {1} % {2} + 1)::text, 26, '0'), n, n "
      "FROM generate_series(0, {3} - 1) AS n;",
      days_of_usage, days_of_usage * hours_a_day, gateways_a_node, wanted.rows);
}

std::string quarantine_rows(const population& wanted, const std::string& node) {
  return fmt::format(
      "INSERT INTO usage_quarantine (gateway_id, epoch, number, node_id, up, down) "
      "SELECT 'gw_' || lpad((n / {0} + 1)::text, 26, '0'), '{1}', n % {0}, '{2}', n, n "
      "FROM generate_series(0, {3} - 1) AS n;",
      held_a_gateway, held_epoch, node, wanted.rows);
}

std::string audit_rows(const population& wanted) {
  return fmt::format(
      "INSERT INTO audit_chain (seq, id, at, actor, actor_name, token, address, request_id, "
      "action, object, detail, state_before, state_after, previous_hash, hash) "
      "SELECT last.seq + n, 'aud_' || lpad(n::text, 26, '0'), past.at + n, "
      "'adm_' || lpad((n % 50)::text, 26, '0'), 'ada', '', '127.0.0.1', 'request', "
      "CASE n % 3 WHEN 0 THEN 'user.create' WHEN 1 THEN 'user.change' ELSE 'device.revoke' END, "
      "'usr_' || lpad((n % 100000)::text, 26, '0'), '', '', '{{\"name\":\"user\"}}', "
      "repeat(md5(n::text), 2), repeat(md5((n + 1)::text), 2) "
      "FROM generate_series(1, {}) AS n, past, "
      "(SELECT COALESCE(MAX(seq), 0) AS seq FROM audit_chain) AS last;"
      "UPDATE settings SET value = (SELECT seq || ' ' || hash FROM audit_chain "
      "ORDER BY seq DESC LIMIT 1) WHERE key = 'audit_tip';",
      wanted.rows);
}

}

std::string id_text(std::string_view prefix, std::size_t number) {
  return fmt::format("{}{:0>26}", prefix, number);
}

seeded_world::seeded_world(const population& wanted)
    : wanted_(wanted), walk_(quick_environment(), test_servers::test_engine::postgresql) {
  add_pool();
  fill_tables();
  sign_tokens();
}

void seeded_world::add_pool() {
  const auto made = walk_.admin_post(
      "/plans", {{"code", "bench"}, {"name", "Bench"}, {"quota_bytes", generous_quota}});
  plan_ = made.text("id");
  for (std::size_t i = 0; i < wanted_.nodes; ++i) {
    const auto created =
        walk_.admin_post("/nodes", {{"name", fmt::format("node-{}", i)},
                                    {"region", "eu"},
                                    {"access_key", testing::planted_access_key()}});
    nodes_.push_back(testing::text_at(created.json().at("node").as_object(), "id"));
  }
  for (std::size_t i = 0; i < wanted_.gateways; ++i) {
    credentials_.push_back(walk_.join(fmt::format("gateway-{}", i)).credential);
  }
}

void seeded_world::fill_tables() {
  const auto run = [this](const std::string& sql) { walk_.folder.run_sql(sql); };
  run("CREATE TABLE past AS SELECT (extract(epoch FROM now()) * 1000000)::bigint - 86400000000 AS "
      "at");
  for (const auto& rows :
       {user_rows(wanted_), subscription_rows(wanted_, plan_), device_rows(wanted_),
        usage_rows(wanted_, nodes_.front()), audit_rows(wanted_), ticket_rows(wanted_),
        month_rows(wanted_, nodes_.front()), hour_rows(wanted_),
        quarantine_rows(wanted_, nodes_.front())}) {
    run("SET session_replication_role = replica;" + rows);
  }
  run("DROP TABLE past");
  run("VACUUM ANALYZE");
  run("CHECKPOINT");
}

void seeded_world::sign_tokens() {
  auto store = must(storage::sql_store::open(
      {.address = must(storage::database_address::parse(walk_.folder.dsn())), .connections = 1}));
  auto cipher = must(core::open_field_cipher({.secret_key_file = walk_.folder.file("secret-key")},
                                             base::secure_random()));
  const auto authority = must(services::signing_authority::open(
      {.storage = *store,
       .cipher = cipher,
       .clock = base::real_clock(),
       .random = base::secure_random()},
      must(identity::load_signing_key(walk_.folder.file("root-key")))));
  const auto key = identity::signing_key::generate(base::secure_random());
  const auto now = base::real_clock().system_now();
  for (std::size_t i = 1; i <= wanted_.devices; ++i) {
    const identity::access_claims claims{.device_id = id_text("dev_", i),
                                         .subscription_id = id_text("sub_", i),
                                         .device_key = key.public_part(),
                                         .gateways = {std::string(identity::every_gateway)},
                                         .region = "eu",
                                         .issued = now,
                                         .expires = now + identity::access_token_lifetime};
    tokens_.push_back(must(authority.sign(claims)));
  }
}

}
