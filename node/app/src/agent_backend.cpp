#include <utility>

#include "agent_core.hpp"
#include "httvps/base/jitter.hpp"

namespace httvps::node {
namespace {

constexpr auto least_pause = std::chrono::milliseconds(200);
constexpr auto disk_limit = std::chrono::seconds(30);

base::steady_time now() {
  return base::real_clock().steady_now();
}

std::string timestamp() {
  return base::to_rfc3339(base::real_clock().system_now());
}

}

net::task<> agent_core::follow_config() {
  retry_pause pause;
  while (true) {
    const auto began = now();
    const auto shown = credential_;
    const auto polled = co_await poll_once();
    if (polled) {
      clear("config");
      pause.reset();
      HTTVPS_CO_CHECK(co_await net::sleep_until(began + least_pause));
      continue;
    }
    note("config", polled.error());
    note_refusal(shown, polled.error());
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + pause.next(base::secure_random())));
  }
}

net::task<> agent_core::poll_once() {
  const bool holds = rollout_.has_wanted();
  config_query query{.revision = holds ? rollout_.wanted().revision : 0,
                     .wait = holds ? parts_.settings.poll_wait : std::chrono::milliseconds(0),
                     .x25519_public = parts_.box.public_part().to_base64url()};
  HTTVPS_CO_TRY(auto document, co_await link_.fetch_config(std::move(query)));
  if (!document) {
    co_return base::result<void>();
  }
  co_return co_await take_document(std::move(*document));
}

net::task<> agent_core::take_document(std::string document) {
  HTTVPS_CO_TRY(auto wanted, decode_wanted(document, parts_.box));
  if (rollout_.has_wanted() && wanted.revision == rollout_.wanted().revision) {
    co_return base::result<void>();
  }
  adopt(std::move(wanted));
  auto job = [disk = parts_.disk, document = std::move(document)] {
    return disk.keep_wanted(document);
  };
  const auto kept = co_await net::run_blocking(&disk_pool_, std::move(job), now() + disk_limit);
  if (!kept) {
    note("disk", kept.error());
  } else {
    clear("disk");
  }
  co_return base::result<void>();
}

net::task<> agent_core::notify_backend() {
  retry_pause pause;
  while (true) {
    const auto report = rollout_.unreported();
    if (!report) {
      HTTVPS_CO_CHECK(co_await notice_due_.wait(net::no_deadline));
      continue;
    }
    const rollout_notice notice{.report = *report, .timestamp = timestamp()};
    if (const auto sent = co_await link_.send_notice(notice); sent) {
      rollout_.reported(*report);
      pause.reset();
      continue;
    }
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + pause.next(base::secure_random())));
  }
}

net::task<> agent_core::beat() {
  while (true) {
    if (const auto read = co_await read_server(); read) {
      clear("server");
      static_cast<void>(co_await keep_counters());
    } else if (rollout_.running_revision() != 0) {
      note("server", read.error());
      parts_.counts.scrape_failures.add();
    }
    if (rollout_.has_wanted()) {
      const auto message = make_heartbeat();
      const auto shown = credential_;
      const auto heard = co_await link_.send_heartbeat(message);
      note_refusal(shown, heard ? base::error() : heard.error());
      if (heard) {
        static_cast<void>(co_await follow_credential(*heard));
      }
    }
    const auto span =
        base::give_or_take_a_tenth(parts_.settings.heartbeat_interval, base::secure_random());
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + span));
  }
}

net::task<> agent_core::keep_counters() {
  auto text = parts_.counters.to_text();
  if (text == kept_counters_) {
    co_return base::result<void>();
  }
  auto job = [disk = parts_.disk, text] { return disk.keep_counters(text); };
  const auto kept = co_await net::run_blocking(&disk_pool_, std::move(job), now() + disk_limit);
  if (!kept) {
    note("disk", kept.error());
  } else {
    clear("disk");
    kept_counters_ = std::move(text);
  }
  co_return kept;
}

net::task<> agent_core::report_counters() {
  while (true) {
    const auto span =
        base::give_or_take_a_tenth(parts_.settings.counter_interval, base::secure_random());
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + span));
    if (const auto sent = co_await send_counters(); sent) {
      clear("counters");
    } else {
      note("counters", sent.error());
    }
  }
}

net::task<> agent_core::send_counters() {
  HTTVPS_CO_CHECK(co_await keep_counters());
  auto rest = parts_.counters.totals();
  while (!rest.empty()) {
    counter_report report{.epoch = parts_.counters.epoch(), .timestamp = timestamp(), .rows = {}};
    while (!rest.empty() && report.rows.size() < counter_rows_most) {
      report.rows.insert(rest.extract(rest.begin()));
    }
    HTTVPS_CO_CHECK(co_await link_.send_counters(report));
  }
  if (rollout_.is_settled()) {
    parts_.counters.forget_retired(rollout_.wanted());
  }
  co_return base::result<void>();
}

}
