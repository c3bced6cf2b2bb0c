#include "state_keeper.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "httvps/gateway/state/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr base::duration write_limit = std::chrono::seconds(30);
constexpr std::chrono::seconds contact_grain{60};
constexpr int rest_a_write = 20;

base::counter add_counter(base::metric_registry& registry, const char* result) {
  return registry.add_counter({.name = "httvps_gateway_state_writes_total",
                               .help = "Writes of the gateway's sealed state by their result.",
                               .labels = {{"result", result}}});
}

}

state_keeper::state_keeper(state_keeper_parts parts)
    : parts_(std::move(parts)),
      written_(add_counter(parts_.registry, "written")),
      failed_(add_counter(parts_.registry, "failed")) {
  parts_.registry.add_callback_gauge(
      {"httvps_gateway_state_bytes", "Bytes of the gateway's sealed state as it was last written."},
      [this] { return static_cast<double>(bytes_); });
  parts_.registry.add_callback_gauge(
      {"httvps_gateway_state_restored_devices",
       "Devices that the sealed state brought when the gateway started."},
      [this] { return static_cast<double>(restored_devices_); });
}

base::result<> state_keeper::open(const std::string& gateway_id) {
  HTTVPS_TRY(auto opened, state_file::open({.folder = parts_.folder, .gateway_id = gateway_id},
                                           parts_.own_secret));
  file_ = std::make_shared<state_file>(std::move(opened));
  return {};
}

std::optional<restored_state> state_keeper::restore(const state_demands& demands) {
  if (!file_) {
    return std::nullopt;
  }
  auto state = file_->load();
  const auto judged = state ? judge_state(*state, demands) : base::fail(state.error());
  if (!judged) {
    if (judged.error() == state_errc::state_missing) {
      parts_.log.info("state_absent", {{"outcome", judged.error()}});
    } else {
      parts_.log.error("state_refused", {{"outcome", judged.error()}});
    }
    return std::nullopt;
  }
  const auto silent = std::max(demands.now - state->heard_at, base::system_time::duration::zero());
  restored_state kept{.config = state->config,
                      .silent_for = std::chrono::duration_cast<std::chrono::seconds>(silent)};
  remember(std::move(*state));
  parts_.log.info("state_restored",
                  {{"devices", restored_devices_}, {"silent_s", kept.silent_for.count()}});
  return kept;
}

void state_keeper::remember(gateway_state state) {
  heard_at_ = state.heard_at;
  for (auto& each : state.nodes) {
    parts_.grants.record(std::move(each));
  }
  for (const auto& each : state.grants | std::views::reverse) {
    parts_.grants.record(*each);
  }
  for (const auto& each : state.devices | std::views::reverse) {
    parts_.validated.record(*each);
  }
  parts_.validated.forget_older_than_memory(parts_.clock.system_now());
  restored_devices_ = parts_.validated.size();
  parts_.allowances.remember(std::move(state.quotas));
}

void state_keeper::note_contact() {
  heard_at_ = parts_.clock.system_now();
  parts_.allowances.forget_former_life();
}

state_keeper::facts state_keeper::look() const {
  return {.devices = parts_.validated.revision(),
          .grants = parts_.grants.revision(),
          .config = config_,
          .approved = parts_.is_approved(),
          .heard_at = heard_at_};
}

bool state_keeper::differs(const facts& seen) const {
  return seen.devices != kept_.devices || seen.grants != kept_.grants ||
         seen.config != kept_.config || seen.approved != kept_.approved ||
         !parts_.allowances.remembers_just(kept_quotas_) ||
         std::chrono::abs(seen.heard_at - kept_.heard_at) >= contact_grain;
}

net::task<> state_keeper::run() {
  while (!is_stopped_) {
    const auto started = parts_.clock.steady_now();
    static_cast<void>(co_await keep_if_changed());
    const auto took = parts_.clock.steady_now() - started;
    const auto rest = std::max<base::duration>(parts_.interval, took * rest_a_write);
    HTTVPS_CO_CHECK(co_await net::sleep_until(parts_.clock.steady_now() + rest));
  }
  co_return base::result<void>();
}

net::task<> state_keeper::settle() {
  stop();
  co_return co_await keep_if_changed();
}

net::task<> state_keeper::keep_if_changed() {
  auto seen = look();
  if (!file_ || !seen.config || !differs(seen)) {
    co_return base::result<void>();
  }
  auto quotas = parts_.allowances.memory();
  const auto written = co_await write(seen, quotas);
  note(written);
  if (!written) {
    co_return base::fail(written.error());
  }
  kept_ = std::move(seen);
  kept_quotas_ = std::move(quotas);
  co_return base::result<void>();
}

net::task<std::size_t> state_keeper::write(facts seen, std::vector<quota_memory> quotas) {
  const auto state =
      std::make_shared<gateway_state>(gateway_state{.saved_at = parts_.clock.system_now(),
                                                    .heard_at = seen.heard_at,
                                                    .approved = seen.approved,
                                                    .config = std::move(seen.config),
                                                    .quotas = std::move(quotas)});
  auto job = [state, file = file_, validated = &parts_.validated,
              grants = &parts_.grants]() -> base::result<std::size_t> {
    validated->forget_older_than_memory(state->saved_at);
    state->devices = validated->newest_first();
    state->grants = grants->newest_first();
    state->nodes = grants->nodes();
    return file->store(*state, base::secure_random());
  };
  co_return co_await net::run_blocking(&disk_, std::move(job),
                                       parts_.clock.steady_now() + write_limit);
}

void state_keeper::note(const base::result<std::size_t>& written) {
  if (written) {
    written_.add();
    bytes_ = *written;
    last_failure_ = {};
    return;
  }
  failed_.add();
  if (std::exchange(last_failure_, written.error()) != written.error()) {
    parts_.log.error("state_not_kept", {{"outcome", written.error()}});
  }
}

}
