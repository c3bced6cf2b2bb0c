#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gateway_process.hpp"
#include "httvps/base/jitter.hpp"
#include "machine_load.hpp"
#include "start_memory.hpp"

namespace httvps::gateway {
namespace {

constexpr auto disabled_heartbeat_pause = std::chrono::seconds(30);

base::result<void> write_address_file(const std::string& path, const net::endpoint& public_place,
                                      const net::endpoint& metrics_place) {
  if (path.empty()) {
    return {};
  }
  const auto text = boost::json::serialize(boost::json::object{
      {"listen", net::to_text(public_place)}, {"metrics", net::to_text(metrics_place)}});
  std::ofstream file(path + ".new", std::ios::trunc);
  file << text << '\n';
  file.close();
  std::error_code failure;
  std::filesystem::rename(path + ".new", path, failure);
  if (!file || failure) {
    return base::fail(base::errc::io_failure);
  }
  return {};
}

}

net::task<> gateway_process::live() {
  auto joined = co_await membership_->become_member();
  if (!joined) {
    finish(std::unexpected(joined.error()));
    co_return joined;
  }
  if (const auto written =
          write_address_file(settings_.address_file, public_place_, metrics_->local());
      !written) {
    finish(written);
    co_return written;
  }
  ready_ = true;
  log_.info("gateway_ready",
            {{"node_id", membership_->held().gateway_id}, {"listen", net::to_text(public_place_)}});
  make_reporters();
  make_followers();
  give_back_start_memory();
  static_cast<void>(scope_.spawn(beat()));
  config_->start();
  static_cast<void>(scope_.spawn(placer_->run()));
  static_cast<void>(scope_.spawn(allowances_->run()));
  static_cast<void>(scope_.spawn(reporter_->keep()));
  static_cast<void>(scope_.spawn(reporter_->send()));
  static_cast<void>(scope_.spawn(outcomes_->run()));
  static_cast<void>(scope_.spawn(sessions_->run()));
  static_cast<void>(scope_.spawn(state_->run()));
  co_return base::result<void>();
}

net::task<> gateway_process::follow_config(published_config config) {
  if (const auto taken = co_await membership_->take_config(std::move(config)); !taken) {
    last_error_ = base::label_of(taken.error());
    log_.error("key_set_refused", {{"outcome", taken.error()}});
  }
  co_return base::result<void>();
}

void gateway_process::spread_credential() {
  const auto& credential = membership_->held().credential;
  control_->use_credential(credential);
  for (auto& each : workers_) {
    net::asio::post(each->executor(),
                    [raw = each.get(), credential] { raw->use_credential(credential); });
  }
}

heartbeat gateway_process::make_heartbeat() const {
  const auto load = read_machine_load();
  const auto up = base::real_clock().steady_now() - started_;
  return {.gateway_id = membership_->held().gateway_id,
          .region = settings_.region,
          .uptime_seconds = static_cast<std::uint64_t>(
              std::chrono::duration_cast<std::chrono::seconds>(up).count()),
          .active_sessions = static_cast<std::uint64_t>(probe_.sessions.value()),
          .cpu_load = load.cpu,
          .mem_load = load.memory,
          .bytes_up = probe_.bytes_up.value(),
          .bytes_down = probe_.bytes_down.value(),
          .last_error = last_error_,
          .timestamp = base::to_rfc3339(base::real_clock().system_now()),
          .phase = duty_->phase()};
}

net::task<> gateway_process::beat() {
  while (!leaving_) {
    const auto answer = co_await control_->send_heartbeat(make_heartbeat());
    if (answer) {
      co_await note_answer(*answer);
    } else {
      co_await note_failure(answer.error());
    }
    const base::duration rest =
        standing_.is_disabled()
            ? std::max<base::duration>(settings_.heartbeat_interval, disabled_heartbeat_pause)
            : settings_.heartbeat_interval;
    const auto span = base::give_or_take_a_tenth(
        std::chrono::duration_cast<std::chrono::milliseconds>(rest), base::secure_random());
    co_await net::sleep_until(base::real_clock().steady_now() + span);
  }
  co_return base::result<void>();
}

net::task<> gateway_process::note_answer(heartbeat_answer answer) {
  state_->note_contact();
  const auto heard = base::real_clock().steady_now();
  for (auto& each : workers_) {
    net::asio::post(each->executor(), [raw = each.get(), heard] { raw->note_backend(heard); });
  }
  if (const auto order = terms_.take(answer.terms_version, answer.terms_changed)) {
    const auto shared = std::make_shared<const recheck_order>(*order);
    for (auto& each : workers_) {
      net::asio::post(each->executor(), [raw = each.get(), shared] { raw->recheck(*shared); });
    }
  }
  credentials_->note_accepted();
  if (membership_->is_behind(answer)) {
    co_await note(membership_->refresh_config());
  }
  if (!handing_on_ && !leaving_) {
    co_await credentials_->follow(answer);
  }
  co_return base::result<void>();
}

net::task<> gateway_process::note(net::task<> work) {
  const auto done = co_await std::move(work);
  if (!done) {
    last_error_ = base::label_of(done.error());
    log_.warn("config_not_refreshed", {{"outcome", done.error()}});
  }
  co_return done;
}

net::task<> gateway_process::note_failure(base::error failure) {
  last_error_ = base::label_of(failure);
  note_refusal(failure);
  if (failure == control_errc::gateway_pending || failure == control_errc::gateway_disabled) {
    co_return base::result<void>();
  }
  log_.warn("heartbeat_failed", {{"outcome", failure}});
  if (says_credential_is_bad(failure) && !credentials_->try_another()) {
    co_await note(membership_->join_again());
  }
  co_return base::result<void>();
}

void gateway_process::note_refusal(const base::error& why) {
  standing_.note_refusal(why);
  if (standing_.is_disabled()) {
    duty_->follow(service_order::stop);
  }
}

}
