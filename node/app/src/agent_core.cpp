#include "agent_core.hpp"

#include <algorithm>
#include <utility>

#include "httvps/net/with_deadline.hpp"
#include "httvps/node/app/errc.hpp"
#include "httvps/node/keys/services_file.hpp"
#include "machine_load.hpp"
#include "private_file.hpp"

namespace httvps::node {
namespace {

constexpr auto disk_limit = std::chrono::seconds(30);
constexpr auto last_report_limit = std::chrono::seconds(3);
constexpr auto look_again = std::chrono::milliseconds(20);

base::steady_time now() {
  return base::real_clock().steady_now();
}

std::string timestamp() {
  return base::to_rfc3339(base::real_clock().system_now());
}

}

base::result<std::unique_ptr<agent_core>> agent_core::make(const net::executor& runs_on,
                                                           agent_parts parts) {
  std::unique_ptr<agent_core> made(new agent_core(runs_on, std::move(parts)));
  HTTVPS_CHECK(made->open_server(runs_on));
  made->use_credential(made->store_.choose());
  return made;
}

agent_core::agent_core(const net::executor& runs_on, agent_parts parts)
    : parts_(std::move(parts)),
      runs_on_(runs_on),
      store_(parts_.settings.credential_file, parts_.settings.state_dir),
      link_(std::move(parts_.backend),
            [this](std::chrono::duration<double> took, const base::error& failed) {
              parts_.counts.backend_call_seconds.observe(took.count());
              parts_.counts.backend_failures.add(failed ? 1 : 0);
            }),
      rollout_changed_(runs_on),
      notice_due_(runs_on) {}

base::result<void> agent_core::open_server(const net::executor& runs_on) {
  server_events events{.gone = [this] { drop_server(); },
                       .reloaded = [this] { parts_.counts.server_reloads.add(); }};
  HTTVPS_TRY(server_, server_control::make(runs_on, parts_.settings,
                                           parts_.log.for_module("server"), std::move(events)));
  return {};
}

void agent_core::drop_server() {
  parts_.counts.server_exits.add();
  server_seen_ = false;
  rollout_.server_gone();
}

void agent_core::note(std::string_view part, const base::error& failure) {
  const std::string label(base::label_of(failure));
  auto& held = problems_[std::string(part)];
  if (held != label) {
    parts_.log.warn("problem", {{"part", part}, {"outcome", failure}});
    held = label;
  }
}

void agent_core::clear(std::string_view part) {
  if (const auto held = problems_.find(part); held != problems_.end()) {
    parts_.log.info("problem_over", {{"part", part}});
    problems_.erase(held);
  }
}

void agent_core::adopt(wanted_keys wanted) {
  parts_.log.info("keys_wanted", {{"rev", wanted.revision}, {"keys", wanted.keys.size()}});
  rollout_.want(std::move(wanted));
  rollout_changed_.notify();
}

void agent_core::resume() {
  const auto document = parts_.disk.wanted_document();
  auto wanted = document ? decode_wanted(*document, parts_.box) : base::fail(document.error());
  if (!wanted) {
    parts_.log.info("no_kept_keys", {{"outcome", wanted.error()}});
    return;
  }
  adopt(std::move(*wanted));
}

net::task<> agent_core::rest_until(base::steady_time moment) {
  const auto woken = co_await rollout_changed_.wait(moment);
  if (!woken && woken.error() != net::errc::timed_out) {
    co_return woken;
  }
  co_return base::result<void>();
}

net::task<> agent_core::roll_out() {
  static_cast<void>(co_await read_server());
  while (true) {
    base::result<void> done;
    switch (rollout_.next(now())) {
      case rollout_step::rest:
        HTTVPS_CO_CHECK(co_await rest_until(rollout_.next_at()));
        break;
      case rollout_step::write:
        done = co_await write_services();
        break;
      case rollout_step::reload:
        done = co_await reload_server();
        break;
      case rollout_step::confirm:
        done = co_await confirm();
        break;
    }
    if (!done) {
      HTTVPS_CO_CHECK(co_await net::sleep_until(now() + look_again));
    }
  }
}

net::task<> agent_core::write_services() {
  const auto revision = rollout_.wanted().revision;
  const auto listed = rollout_.count_to_write();
  auto content =
      to_yaml({.listen = parts_.settings.listen, .keys = rollout_.wanted().keys, .listed = listed});
  auto job = [path = parts_.settings.services_file, content = std::move(content)] {
    return replace_private_file(path, content);
  };
  const auto written = co_await net::run_blocking(&disk_pool_, std::move(job), now() + disk_limit);
  if (rollout_.wanted().revision != revision) {
    co_return base::result<void>();
  }
  if (!written) {
    rollout_.failed(written.error(), now());
    announce();
    co_return written;
  }
  rollout_.written(now());
  co_return base::result<void>();
}

net::task<> agent_core::reload_server() {
  const auto revision = rollout_.wanted().revision;
  const auto reloaded = co_await server_->reload();
  if (rollout_.wanted().revision != revision) {
    co_return base::result<void>();
  }
  if (!reloaded) {
    rollout_.failed(reloaded.error(), now());
    announce();
    co_return reloaded;
  }
  rollout_.reloaded(now());
  co_return base::result<void>();
}

net::task<> agent_core::confirm() {
  static_cast<void>(co_await read_server());
  if (rollout_.next(now()) == rollout_step::confirm) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + look_again));
  }
  co_return base::result<void>();
}

void agent_core::announce() {
  const auto report = rollout_.unreported();
  if (!report) {
    return;
  }
  notice_due_.notify();
  if (report->revision == announced_.revision && report->failure == announced_.failure) {
    return;
  }
  announced_ = {.revision = report->revision, .failure = report->failure, .key_ids = {}};
  if (report->failure) {
    note("rollout", report->failure);
    parts_.counts.rollout_failures.add();
    return;
  }
  clear("rollout");
  parts_.log.info("keys_running", {{"rev", report->revision}, {"keys", report->key_ids.size()}});
}

net::task<> agent_core::read_server() {
  auto reading = co_await server_->read();
  if (!reading) {
    server_seen_ = false;
    rollout_.unseen(now());
    announce();
    co_return base::fail(reading.error());
  }
  server_seen_ = true;
  active_ = reading->metrics.active();
  if (parts_.counters.take(reading->metrics, reading->process) == server_life::started_again) {
    parts_.log.warn("server_counts_anew");
  }
  if (reading->metrics.loaded_keys) {
    rollout_.observed(*reading->metrics.loaded_keys, now());
    announce();
    rollout_changed_.notify();
  }
  co_return base::result<void>();
}

node_heartbeat agent_core::make_heartbeat() const {
  const auto load = read_machine_load();
  const auto total = parts_.counters.total();
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(now() - started_);
  return {.node_id = rollout_.wanted().node_id,
          .region = rollout_.wanted().region,
          .uptime_seconds = static_cast<std::uint64_t>(up.count()),
          .active_sessions = active_,
          .cpu_load = load.cpu,
          .mem_load = load.memory,
          .bytes_up = total.up,
          .bytes_down = total.down,
          .last_error = problems_.empty() ? std::string() : problems_.begin()->second,
          .timestamp = timestamp()};
}

net::task<> agent_core::leave(base::steady_time deadline) {
  static_cast<void>(co_await read_server());
  static_cast<void>(
      co_await net::with_deadline(send_counters(), std::min(deadline, now() + last_report_limit)));
  co_return co_await server_->stop(deadline);
}

}
