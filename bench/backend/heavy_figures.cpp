#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <stdexcept>

#include "backend/figures.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::bench {
namespace {

constexpr std::string_view usage_path = "/api/v1/usage/report";
constexpr std::string_view usage_epoch = "0a";
constexpr std::size_t rows_a_batch = 1000;
constexpr std::size_t writers_a_replica = 8;
constexpr std::size_t epochs_of_writers = 16;
constexpr std::size_t page_rows = 100;
constexpr std::size_t stamp_letters = 12;
constexpr std::size_t usage_connections = 8;
constexpr std::chrono::months kept_month_ago{4};

std::chrono::year_month_day yesterday() {
  const auto days = std::chrono::floor<std::chrono::days>(base::real_clock().system_now());
  return std::chrono::year_month_day(days - std::chrono::days(1));
}

std::string month_text(std::chrono::year_month month) {
  return fmt::format("{:04}-{:02}", static_cast<int>(month.year()),
                     static_cast<unsigned>(month.month()));
}

std::string day_text(std::chrono::year_month_day date) {
  return fmt::format("{}-{:02}", month_text(date.year() / date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string page_token(const std::string& stamp, const std::string& last) {
  return stamp.empty() ? stamp : stamp + base::to_base64url(base::as_bytes(last));
}

using key_at = std::function<std::string(std::size_t place)>;

struct list_walk {
  std::string_view name;
  std::string target;
  key_at last_key;
};

key_at keys_of_days(const seeded_world& world) {
  return [node = world.node(0), day = day_text(yesterday())](std::size_t place) {
    return fmt::format("{}/{}/{}", day, id_text("dev_", place / days_of_usage + 1), node);
  };
}

key_at keys_of_months(const seeded_world& world) {
  const auto month = yesterday().year() / yesterday().month() - kept_month_ago;
  return [node = world.node(0), text = month_text(month)](std::size_t place) {
    return fmt::format("{}/{}/{}", text, id_text("dev_", place / months_of_usage + 1), node);
  };
}

key_at keys_of_hours() {
  return [day = day_text(yesterday())](std::size_t place) {
    const auto path = place / (days_of_usage * hours_a_day);
    return fmt::format("{}T{:02}/{}/{}", day, place % hours_a_day,
                       id_text("node_", path / gateways_a_node + 1),
                       id_text("gw_", path % gateways_a_node + 1));
  };
}

key_at keys_of_quarantine(const seeded_world& world) {
  return [node = world.node(0)](std::size_t place) {
    return fmt::format("{}/{}/{}/{}", id_text("gw_", place / held_a_gateway + 1), held_epoch,
                       place % held_a_gateway, node);
  };
}

std::vector<list_walk> lists_of(const seeded_world& world) {
  const auto keyed = [](std::string_view prefix) {
    return [prefix](std::size_t place) { return id_text(prefix, place); };
  };
  const auto sequence = [](std::size_t place) { return std::to_string(place + page_rows); };
  return {{"list_users_p95_ms", "/users?", keyed("usr_")},
          {"list_users_suspended_p95_ms", "/users?state=suspended&", keyed("usr_")},
          {"list_users_named_p95_ms", "/users?name_prefix=user-00999&", keyed("usr_")},
          {"list_subscriptions_p95_ms", "/subscriptions?", keyed("sub_")},
          {"list_subscriptions_ended_p95_ms", "/subscriptions?state=ended&", keyed("sub_")},
          {"list_subscriptions_pending_p95_ms", "/subscriptions?state=pending&", keyed("sub_")},
          {"list_subscriptions_limited_p95_ms", "/subscriptions?state=limited&", keyed("sub_")},
          {"list_subscriptions_expired_p95_ms", "/subscriptions?state=expired&", keyed("sub_")},
          {"list_subscriptions_suspended_p95_ms", "/subscriptions?state=suspended&", keyed("sub_")},
          {"list_devices_p95_ms", "/devices?", keyed("dev_")},
          {"list_devices_revoked_p95_ms", "/devices?state=revoked&", keyed("dev_")},
          {"list_audit_p95_ms", "/audit?", sequence},
          {"list_audit_of_action_p95_ms", "/audit?action=device.revoke&", sequence},
          {"list_tickets_p95_ms", "/enrolment-tickets?", keyed("tkt_")},
          {"list_usage_p95_ms", "/usage?", keys_of_days(world)},
          {"list_usage_monthly_p95_ms", "/usage/monthly?", keys_of_months(world)},
          {"list_usage_hourly_p95_ms", fmt::format("/usage/hourly?day={}&", day_text(yesterday())),
           keys_of_hours()},
          {"list_usage_quarantine_p95_ms", "/usage/quarantine?", keys_of_quarantine(world)}};
}

}

std::string bench_run::usage_batch(std::size_t gateway, std::size_t seq) const {
  std::string rows;
  for (std::size_t i = 0; i < rows_a_batch; ++i) {
    const auto token =
        seq == 1 ? fmt::format(R"(,"token":"{}")", world_.token(gateway * 131 + i)) : std::string();
    fmt::format_to(std::back_inserter(rows), R"({}{{"n":{},"node_id":"{}","up":{},"down":{}{}}})",
                   i == 0 ? "" : ",", i + 1, world_.node(i), seq * 1000 + i, seq * 70000 + i,
                   token);
  }
  return post(usage_path, world_.credential(gateway),
              fmt::format(R"({{"epoch":"{}","seq":{},"rows":[{}]}})", usage_epoch, seq, rows));
}

void bench_run::open_usage_sessions() const {
  const auto gateways = world_.people().gateways;
  const auto outcome =
      fire(world_.walk().process->address(),
           {.name = "usage sessions",
            .request = [this](std::size_t number, std::size_t) { return usage_batch(number, 1); },
            .per_second = 1,
            .connections = 1,
            .length = std::chrono::seconds(gateways)});
  if (outcome.refused > 0) {
    throw std::runtime_error("usage sessions: " + outcome.first_refusal);
  }
}

void bench_run::measure_usage() {
  open_usage_sessions();
  const auto gateways = world_.people().gateways;
  const shot wanted{.name = "usage",
                    .request =
                        [this, gateways](std::size_t number, std::size_t) {
                          return usage_batch(number % gateways, number / gateways + 2);
                        },
                    .expected = "acked_through",
                    .per_second = pace_.batches_a_second,
                    .connections = usage_connections};
  const auto outcome = fire_metered("usage", wanted);
  const auto answered = base::real_clock().steady_now();
  const bool all_counted = world_.walk().wait_until_posted();
  const std::chrono::duration<double, std::milli> counted_after =
      base::real_clock().steady_now() - answered;
  if (is_clean("usage_p95_ms", outcome) && all_counted) {
    into_.add("usage_p50_ms", outcome.quantile(0.5));
    into_.add("usage_p95_ms", outcome.quantile(0.95));
    into_.add("usage_counted_after_ms", counted_after.count());
  }
}

std::string bench_run::page_stamp_of(std::string_view list) const {
  const auto first = world_.walk().api->get(fmt::format("/api/v1/admin{}page_size=1", list),
                                            world_.walk().folder.admin_token());
  return first.text("next_page_token").substr(0, stamp_letters);
}

void bench_run::measure_lists() {
  const auto token = world_.walk().folder.admin_token();
  const auto step = world_.people().rows / pace_.pages;
  double worst = 0;
  for (const auto& list : lists_of(world_)) {
    const auto stamp = page_stamp_of(list.target);
    const auto source = [&](std::size_t number, std::size_t) {
      const auto place = number * step % world_.people().rows;
      return fmt::format(
          "GET /api/v1/admin{}page_size={}&page_token={} HTTP/1.1\r\nHost: backend\r\n"
          "Authorization: Bearer {}\r\n\r\n",
          list.target, page_rows, page_token(stamp, list.last_key(place)), token);
    };
    const auto outcome = fire(world_.walk().process->address(), {.name = list.name,
                                                                 .request = source,
                                                                 .expected = "items",
                                                                 .connections = 1,
                                                                 .length = pace_.list});
    if (!is_clean(list.name, outcome)) {
      into_.add_reason("lists_p95_ms", fmt::format("{} was not measured", list.name));
      continue;
    }
    into_.add(list.name, outcome.quantile(0.95));
    worst = std::max(worst, outcome.quantile(0.95));
  }
  if (!into_.reasons.contains("lists_p95_ms")) {
    into_.add("lists_p95_ms", worst);
  }
}

std::string bench_run::small_write(std::size_t replica, std::size_t number) const {
  if (number % 4 == 1) {
    return post("/api/v1/admin/users", world_.walk().folder.admin_token(),
                fmt::format(R"({{"name":"writer-{}-{}"}})", replica, number));
  }
  if (number % 8 == 6) {
    return validation(number);
  }
  const auto epoch = replica * epochs_of_writers + number % epochs_of_writers;
  const auto row = fmt::format(R"({{"n":1,"node_id":"{}","up":{},"down":{},"token":"{}"}})",
                               world_.node(0), number, number, world_.token(epoch));
  return post(usage_path, world_.credential(number),
              fmt::format(R"({{"epoch":"b{:03x}","seq":{},"rows":[{}]}})", epoch,
                          number / epochs_of_writers + 1, row));
}

void bench_run::measure_replicas() {
  const testing::backend_process second(world_.walk().folder, world_.walk().variables);
  const auto write_at = [this](std::size_t replica, const std::string& address) {
    return fire(address,
                {.name = "writes",
                 .request = [this, replica](std::size_t number,
                                            std::size_t) { return small_write(replica, number); },
                 .connections = writers_a_replica});
  };
  auto beside = std::async(std::launch::async, write_at, 1, second.address());
  const auto first = write_at(0, world_.walk().process->address());
  const auto other = beside.get();
  if (is_clean("replica_writes", first) && is_clean("replica_writes", other)) {
    into_.add("replica_writes", first.rate() + other.rate());
    into_.add("replica_writes_p95_ms", std::max(first.quantile(0.95), other.quantile(0.95)));
  }
}

}
