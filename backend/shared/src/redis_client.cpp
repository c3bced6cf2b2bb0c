#include "httvps/backend/shared/redis_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "httvps/backend/shared/errc.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "redis_link.hpp"

namespace httvps::backend::shared {
namespace {

using std::chrono::milliseconds;

base::steady_time now() {
  return base::real_clock().steady_now();
}

milliseconds jittered(milliseconds pause) {
  const auto half = static_cast<std::uint64_t>(pause.count() / 2);
  return milliseconds(half + base::secure_random().below(half + 1));
}

enum class standing { unknown, reached, lost };

}

struct redis_client::state {
  state(redis_options options, const redis_surroundings& around);

  void keep(const std::stop_token& stop);
  bool dial_one();
  std::unique_ptr<redis_link> take(base::steady_time until);
  void give_back(std::unique_ptr<redis_link> returned);
  void drop_all();
  void note(standing found, const base::error& cause);
  base::result<redis_reply> call(const redis_command& wanted);

  redis_options chosen;
  base::logger log;
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<std::unique_ptr<redis_link>> idle;
  std::size_t open = 0;
  standing last = standing::unknown;
  base::counter answered;
  base::counter failed;
  base::histogram seconds;
  std::jthread keeper;
};

redis_client::state::state(redis_options options, const redis_surroundings& around)
    : chosen(std::move(options)),
      log(around.log),
      answered(around.metrics.add_counter({.name = "httvps_backend_redis_calls_total",
                                           .help = "Calls to Redis by how they ended.",
                                           .labels = {{"result", "answered"}}})),
      failed(around.metrics.add_counter({.name = "httvps_backend_redis_calls_total",
                                         .help = "Calls to Redis by how they ended.",
                                         .labels = {{"result", "failed"}}})),
      seconds(around.metrics.add_histogram(
          {.name = "httvps_backend_redis_call_seconds", .help = "Time of a call to Redis."},
          base::latency_bounds_seconds)) {
  around.metrics.add_callback_gauge(
      {.name = "httvps_backend_redis_links",
       .help = "Open connections to Redis; 0 while memory takes its place."},
      [this] {
        const std::scoped_lock lock(mutex);
        return static_cast<double>(open);
      });
  keeper = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

void redis_client::state::note(standing found, const base::error& cause) {
  if (found == last) {
    return;
  }
  last = found;
  if (found == standing::reached) {
    log.info("redis_reached");
  } else {
    log.warn("redis_lost", {{"code", cause}});
  }
}

bool redis_client::state::dial_one() {
  auto made = redis_link::open(chosen);
  const std::scoped_lock lock(mutex);
  if (!made) {
    if (open == 0) {
      note(standing::lost, made.error());
    }
    return false;
  }
  note(standing::reached, {});
  idle.push_back(*std::move(made));
  ++open;
  changed.notify_all();
  return true;
}

void redis_client::state::keep(const std::stop_token& stop) {
  auto pause = chosen.least_pause;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, stop, [this] { return open < chosen.links; });
    }
    if (stop.stop_requested()) {
      return;
    }
    if (dial_one()) {
      pause = chosen.least_pause;
      continue;
    }
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, jittered(pause), [] { return false; });
    pause = std::min(pause * 2, chosen.most_pause);
  }
}

std::unique_ptr<redis_link> redis_client::state::take(base::steady_time until) {
  std::unique_lock lock(mutex);
  changed.wait_until(lock, until, [this] { return !idle.empty() || open == 0; });
  if (idle.empty()) {
    return nullptr;
  }
  auto taken = std::move(idle.back());
  idle.pop_back();
  return taken;
}

void redis_client::state::give_back(std::unique_ptr<redis_link> returned) {
  const std::scoped_lock lock(mutex);
  idle.push_back(std::move(returned));
  changed.notify_all();
}

void redis_client::state::drop_all() {
  const std::scoped_lock lock(mutex);
  open -= idle.size() + 1;
  idle.clear();
  changed.notify_all();
}

base::result<redis_reply> redis_client::state::call(const redis_command& wanted) {
  auto taken = take(now() + chosen.patience);
  if (!taken) {
    return base::fail(errc::unreachable);
  }
  auto answer = taken->call(wanted);
  if (answer || answer.error() == errc::refused) {
    give_back(std::move(taken));
    return answer;
  }
  taken.reset();
  drop_all();
  return answer;
}

redis_client::redis_client(redis_options chosen, const redis_surroundings& around)
    : state_(std::make_unique<state>(std::move(chosen), around)) {}
redis_client::~redis_client() = default;

base::result<redis_reply> redis_client::call(const redis_command& wanted) {
  const auto started = now();
  auto answer = state_->call(wanted);
  const std::chrono::duration<double> took = now() - started;
  state_->seconds.observe(took.count());
  (answer ? state_->answered : state_->failed).add();
  return answer;
}

bool redis_client::is_reachable() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->open > 0;
}

}
