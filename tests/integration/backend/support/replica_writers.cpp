#include "support/replica_writers.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <stdexcept>

#include "httvps/base/random.hpp"

namespace httvps::testing {
namespace {

constexpr auto give_up_after = std::chrono::seconds(60);
constexpr auto retry_pause = std::chrono::milliseconds(20);
constexpr std::uint64_t writes_a_user = 20;
constexpr std::uint64_t writes_a_validation = 10;

std::optional<api_answer> try_post(const api_caller& caller, std::string_view path,
                                   std::string_view credential, const json_object& body) {
  try {
    return caller.post(path, credential, body);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}

void replica_addresses::set(std::size_t replica, std::string address) {
  const std::scoped_lock lock(mutex_);
  addresses_.at(replica) = std::move(address);
}

std::string replica_addresses::at(std::size_t replica) const {
  const std::scoped_lock lock(mutex_);
  return addresses_.at(replica % addresses_.size());
}

void replica_writer::enrol(walk& world) {
  const auto name = "writer-" + std::to_string(number_);
  world.user = world.admin_post("/users", {{"name", name}}).text("id");
  world.admin_post("/subscriptions", {{"user_id", world.user}, {"plan_id", world.plan}});
  const auto gateway = world.join(name);
  token_ = world.enrol(gateway).token;
  credential_ = gateway.credential;
  node_ = world.node;
}

api_answer replica_writer::post_until_taken(std::string_view path, std::string_view credential,
                                            const json_object& body, int taken_before) {
  const auto end = std::chrono::steady_clock::now() + give_up_after;
  std::string last = "no answer";
  for (std::size_t replica = number_ + totals_.writes; std::chrono::steady_clock::now() < end;
       ++replica) {
    const auto answer = try_post(api_caller(replicas_.at(replica)), path, credential, body);
    if (answer && (answer->status / 100 == 2 || answer->status == taken_before)) {
      ++totals_.writes;
      taken_by_ = replica % replica_count;
      return *answer;
    }
    last = answer ? std::to_string(answer->status) + " " + answer->body : "no answer";
    ++totals_.retries;
    std::this_thread::sleep_for(retry_pause);
  }
  throw std::runtime_error(std::string(path).append(" was not taken: ").append(last));
}

void replica_writer::write_batch() {
  const auto seq = totals_.batches + 1;
  totals_.up += seq % 977 + 1;
  totals_.down += seq % 1999 + 1;
  json_object row{{"n", 1}, {"node_id", node_}, {"up", totals_.up}, {"down", totals_.down}};
  if (seq == 1) {
    row["token"] = token_;
  }
  const auto answer =
      post_until_taken("/api/v1/usage/report", credential_,
                       {{"epoch", "0a"}, {"seq", seq}, {"rows", boost::json::array{row}}}, 0);
  totals_.batches = answer.json().at("acked_through").to_number<std::uint64_t>();
  if (totals_.batches != seq) {
    throw std::runtime_error("a batch was acknowledged as " + std::to_string(totals_.batches) +
                             " instead of " + std::to_string(seq));
  }
}

void replica_writer::add_user() {
  auto name = "user-" + std::to_string(number_) + "-" + std::to_string(totals_.writes);
  post_until_taken("/api/v1/admin/users", world_.folder.admin_token(), {{"name", name}}, 409);
  totals_.users.insert(std::move(name));
}

void replica_writer::validate() {
  auto session = fmt::format("{:08x}{:08x}", number_ + 1, totals_.validations.size() + 1);
  const auto answer = post_until_taken("/api/v1/auth/validate-device", credential_,
                                       {{"token", token_}, {"session", session}}, 0);
  if (!answer.json().at("allow").as_bool()) {
    throw std::runtime_error("a validation was denied: " + answer.body);
  }
  totals_.validations.push_back({.session = std::move(session),
                                 .replica = taken_by_,
                                 .answered_at = std::chrono::steady_clock::now()});
}

void replica_writer::run(const writer_pace& pace, std::atomic<std::uint64_t>& done) {
  auto due = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < pace.writes; ++i) {
    std::this_thread::sleep_until(due);
    due += pace.interval;
    if (i % writes_a_user == 1) {
      add_user();
    } else if (i % writes_a_validation == 5) {
      validate();
    } else {
      write_batch();
    }
    ++done;
  }
}

}
