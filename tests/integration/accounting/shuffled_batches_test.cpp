#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <deque>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

#include "httvps/backend/services/failpoints.hpp"
#include "httvps/base/failpoint.hpp"
#include "httvps/base/random.hpp"
#include "support/walk.hpp"
#include "temporary_folder.hpp"

namespace httvps::testing {
namespace {

namespace points = backend::services::usage_failpoint;

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int killed = 128 + SIGKILL;
constexpr std::uint64_t batches = 60;
constexpr std::uint64_t sessions = 5;
constexpr std::size_t deliveries_before_the_drops = 15;
constexpr std::size_t deliveries_with_drops = 10;
constexpr auto exit_limit = seconds(15);
constexpr auto settling_limit = seconds(30);

struct counted {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  bool operator==(const counted&) const = default;
};

struct failpoint_file {
  void tell(const std::string& lines) const {
    const auto draft = folder.file("failpoints.new");
    std::ofstream(draft, std::ios::trunc) << lines;
    std::filesystem::rename(draft, folder.file("failpoints"));
  }

  temporary_folder folder;
};

class generator {
 public:
  generator(const enrolled_device& device, std::string node, base::seeded_random& random)
      : device_(device), node_(std::move(node)), random_(random) {}

  json_object batch(std::uint64_t seq) {
    boost::json::array rows;
    for (std::uint64_t number = 1; number <= sessions; ++number) {
      if (seq == number || random_.below(2) == 0) {
        rows.push_back(grown(number));
      }
    }
    return {{"epoch", "0a"}, {"seq", seq}, {"rows", std::move(rows)}};
  }
  counted truth() const {
    counted sum;
    for (const auto& [number, each] : counters_) {
      sum.up += each.up;
      sum.down += each.down;
    }
    return sum;
  }

 private:
  json_object grown(std::uint64_t number) {
    auto& counter = counters_[number];
    counter.up += random_.below(100'000) + 1;
    counter.down += random_.below(1'000'000) + 1;
    json_object row{{"n", number}, {"node_id", node_}, {"up", counter.up}, {"down", counter.down}};
    if (introduced_.insert(number).second) {
      row["token"] = device_.token;
    }
    return row;
  }

  const enrolled_device& device_;
  std::string node_;
  base::seeded_random& random_;
  std::map<std::uint64_t, counted> counters_;
  std::set<std::uint64_t> introduced_;
};

class ShuffledBatches : public ::testing::TestWithParam<std::string_view> {
 protected:
  ShuffledBatches() {
    world.fill();
    gateway.emplace(world.join("orchard-gate"));
    device.emplace(world.enrol(*gateway));
    generator made(*device, world.node, random);
    for (std::uint64_t seq = 1; seq <= batches; ++seq) {
      waiting.push_back(made.batch(seq));
    }
    truth = made.truth();
    repeat_some();
    shuffle();
  }

  void repeat_some() {
    for (std::size_t i = 0; i < batches / 3; ++i) {
      waiting.push_back(waiting[random.below(batches)]);
    }
  }
  void shuffle() {
    for (std::size_t i = waiting.size() - 1; i > 0; --i) {
      std::swap(waiting[i], waiting[random.below(i + 1)]);
    }
  }

  bool deliver(const json_object& batch) {
    try {
      const auto answer = world.as_gateway(*gateway, "/api/v1/usage/report", batch);
      EXPECT_TRUE(answer.status == 200 || answer.status >= 500) << answer.body;
      return answer.status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  void deliver_first() {
    auto batch = std::move(waiting.front());
    waiting.pop_front();
    if (!deliver(batch)) {
      waiting.push_back(std::move(batch));
    }
  }
  void deliver_some(std::size_t count) {
    for (std::size_t i = 0; i < count && !waiting.empty(); ++i) {
      deliver_first();
    }
  }
  bool dies_at_the_point() {
    const auto end = std::chrono::steady_clock::now() + exit_limit;
    std::optional<int> status;
    while (!status && std::chrono::steady_clock::now() < end) {
      deliver_some(1);
      status = world.process->wait_for_exit(milliseconds(10));
    }
    return status == killed;
  }
  void deliver_all() {
    const auto end = std::chrono::steady_clock::now() + settling_limit;
    while (!waiting.empty() && std::chrono::steady_clock::now() < end) {
      deliver_first();
    }
  }

  std::string armed(std::string_view action) const {
    return std::string(GetParam()).append(" ").append(action).append("\n");
  }
  counted booked() const {
    const auto total = world.admin_get("/usage").json().at("total").as_object();
    return {.up = total.at("up").to_number<std::uint64_t>(),
            .down = total.at("down").to_number<std::uint64_t>()};
  }
  counted held() const {
    const auto total = world.admin_get("/usage").json().at("quarantined").as_object();
    return {.up = total.at("up").to_number<std::uint64_t>(),
            .down = total.at("down").to_number<std::uint64_t>()};
  }
  counted of_the_subscription() const {
    const auto seen = world.admin_get("/subscriptions/" + world.subscription).json();
    return {.up = seen.at("used_up").to_number<std::uint64_t>(),
            .down = seen.at("used_down").to_number<std::uint64_t>()};
  }
  bool has_metric(std::string_view line) const {
    return world.metrics().find(line) != std::string::npos;
  }
  bool is_rolled_up() const {
    return has_metric("\nhttvps_backend_usage_backlog_batches 0\n") &&
           has_metric("\nhttvps_backend_usage_unposted_batches 0\n");
  }
  template <typename Condition>
  bool settles(Condition holds) const {
    const auto end = std::chrono::steady_clock::now() + settling_limit;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(50));
    }
    return holds();
  }

  failpoint_file failpoints;
  walk world{{{"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
              {"BACKEND_USAGE_ROLLUP", "100"},
              {base::failpoints_variable, failpoints.folder.file("failpoints")}}};
  base::seeded_random random{std::hash<std::string_view>{}(GetParam())};
  std::optional<gateway_identity> gateway;
  std::optional<enrolled_device> device;
  std::deque<json_object> waiting;
  counted truth;
};

TEST_P(ShuffledBatches, DuplicatedDroppedAndAroundAKillMakeTheTruth) {
  deliver_some(deliveries_before_the_drops);
  failpoints.tell(armed("drop"));
  deliver_some(deliveries_with_drops);
  failpoints.tell(armed("kill"));
  ASSERT_TRUE(dies_at_the_point()) << GetParam() << " was never reached";
  failpoints.tell("");
  world.restart();
  shuffle();
  deliver_all();
  ASSERT_TRUE(waiting.empty());
  const auto last =
      world.as_gateway(*gateway, "/api/v1/usage/report",
                       {{"epoch", "0a"}, {"seq", batches + 1}, {"rows", boost::json::array{}}});
  EXPECT_EQ(last.json().at("acked_through").to_number<std::uint64_t>(), batches + 1) << last.body;
  ASSERT_TRUE(settles([this] { return booked() == truth; }));
  EXPECT_EQ(of_the_subscription(), truth);
  ASSERT_TRUE(settles([this] { return is_rolled_up(); }));
  EXPECT_EQ(booked(), truth);
  EXPECT_EQ(held(), counted{});
}

INSTANTIATE_TEST_SUITE_P(AtEachFailpoint, ShuffledBatches, ::testing::ValuesIn(points::all),
                         [](const auto& named) {
                           std::string name(named.param.substr(sizeof("backend.usage")));
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}
}
