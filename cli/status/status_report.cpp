#include "status/status_report.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "errc.hpp"
#include "status/json_fields.hpp"

namespace httvps::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t report_format = 1;

json::value moment_or_null(const std::optional<base::system_time>& moment) {
  return moment ? json::value(base::to_rfc3339(*moment)) : json::value(nullptr);
}

json::value failure_or_null(const std::optional<sdk::tunnel_failure>& failure) {
  if (!failure) {
    return nullptr;
  }
  return json::object{{"code", base::label_of(failure->code)},
                      {"sentence", failure->sentence},
                      {"at", base::to_rfc3339(failure->at)}};
}

double milliseconds_of(base::duration span) {
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(span);
  return static_cast<double>(whole.count()) / 1000.0;
}

json::value milliseconds_or_null(const std::optional<base::duration>& span) {
  return span ? json::value(milliseconds_of(*span)) : json::value(nullptr);
}

json::object round_trips_of(const sdk::round_trips& measured) {
  json::array recent;
  for (const auto span : measured.recent()) {
    recent.emplace_back(milliseconds_of(span));
  }
  return {{"count", measured.count()},
          {"p50_ms", milliseconds_or_null(measured.within(50))},
          {"p95_ms", milliseconds_or_null(measured.within(95))},
          {"recent_ms", std::move(recent)}};
}

std::string round_trip_line(const json::value& report) {
  if (number_at(report, "/pings/count") == 0) {
    return {};
  }
  return fmt::format("Round trip: half within {:.1f} ms, 95 % within {:.1f} ms.\n",
                     amount_at(report, "/pings/p50_ms"), amount_at(report, "/pings/p95_ms"));
}

std::string connection_line(const json::value& report, base::system_time now) {
  const auto place =
      fmt::format("gateway {} ({}) at {}", text_at(report, "/gateway/host"),
                  text_at(report, "/gateway/id"), text_at(report, "/gateway/address"));
  if (text_at(report, "/state") != "connected") {
    return fmt::format("Not connected: {}.\n", text_at(report, "/state"));
  }
  const auto since = static_cast<std::int64_t>(number_at(report, "/connected_since_unix"));
  const auto span = std::chrono::seconds(base::to_unix_seconds(now) - since);
  return fmt::format("Connected to {} since {} ({}).\n", place, text_at(report, "/connected_since"),
                     describe_span(span));
}

json::object socks_of(const status_facts& facts) {
  return {{"address", facts.socks_address},
          {"open_connections", facts.socks.open_connections},
          {"accepted", facts.socks.accepted},
          {"refused_connections", facts.socks.refused_connections},
          {"bad_requests", facts.socks.bad_requests},
          {"open_associations", facts.socks.open_associations},
          {"datagrams_up", facts.socks.datagrams_up},
          {"datagrams_down", facts.socks.datagrams_down},
          {"dropped_datagrams", facts.socks.dropped_datagrams}};
}

json::object policy_of(const sdk::tunnel_status& tunnel) {
  return {{"version", tunnel.policy ? json::value(tunnel.policy->version) : json::value(nullptr)},
          {"refused", tunnel.policy_failure
                          ? json::value(std::string(base::label_of(tunnel.policy_failure)))
                          : json::value(nullptr)}};
}

std::string failure_line(const json::value& report) {
  const auto sentence = text_at(report, "/last_error/sentence");
  if (sentence.empty()) {
    return "Nothing has failed so far.\n";
  }
  return fmt::format("Last problem at {}: {} ({})\n", text_at(report, "/last_error/at"), sentence,
                     text_at(report, "/last_error/code"));
}

}

std::string_view to_text(sdk::tunnel_phase phase) noexcept {
  switch (phase) {
    case sdk::tunnel_phase::connecting:
      return "connecting";
    case sdk::tunnel_phase::connected:
      return "connected";
    case sdk::tunnel_phase::resuming:
      return "resuming";
    case sdk::tunnel_phase::waiting:
      return "waiting to try again";
    case sdk::tunnel_phase::stopped:
      return "stopped";
  }
  return "stopped";
}

std::string to_json(const status_facts& facts) {
  const auto& tunnel = facts.tunnel;
  const auto since = tunnel.connected_since.value_or(base::system_time());
  const json::object report = {
      {"format", report_format},
      {"version", HTTVPS_VERSION},
      {"process", facts.process},
      {"state", to_text(tunnel.phase)},
      {"connected_since", moment_or_null(tunnel.connected_since)},
      {"connected_since_unix", base::to_unix_seconds(since)},
      {"device", {{"id", facts.device_id}, {"name", facts.device_name}}},
      {"gateway",
       {{"id", tunnel.gateway_id},
        {"host", tunnel.gateway_host},
        {"address", tunnel.gateway_address}}},
      {"socks", socks_of(facts)},
      {"sessions", tunnel.sessions},
      {"carriers",
       {{"open", tunnel.carriers},
        {"dialled", tunnel.carriers_dialled},
        {"resumes", tunnel.resumes},
        {"down_budget", tunnel.down_budget}}},
      {"streams", {{"open", tunnel.open_streams}, {"opened", tunnel.streams_opened}}},
      {"bytes", {{"up", tunnel.bytes_up}, {"down", tunnel.bytes_down}}},
      {"round_trip_ms", milliseconds_or_null(tunnel.round_trip)},
      {"pings", round_trips_of(tunnel.measured)},
      {"token_expires", base::to_rfc3339(tunnel.token_expires)},
      {"region", tunnel.region.empty() ? json::value(nullptr) : json::value(tunnel.region)},
      {"lease_until", base::to_rfc3339(tunnel.lease_until)},
      {"policy", policy_of(tunnel)},
      {"last_error", failure_or_null(tunnel.last_failure)}};
  return json::serialize(report);
}

base::result<std::string> describe_status(std::string_view text, base::system_time now) {
  json::error_code failure;
  const auto report = json::parse({text.data(), text.size()}, failure);
  if (failure || !report.is_object() || number_at(report, "/format") != report_format) {
    return base::fail(errc::status_malformed);
  }
  auto lines = connection_line(report, now);
  lines += fmt::format("SOCKS5 at {}: {} connections open.\n", text_at(report, "/socks/address"),
                       number_at(report, "/socks/open_connections"));
  lines += fmt::format("Streams: {} open, {} in all.\n", number_at(report, "/streams/open"),
                       number_at(report, "/streams/opened"));
  lines += fmt::format("Bytes: {} up, {} down.\n", describe_amount(number_at(report, "/bytes/up")),
                       describe_amount(number_at(report, "/bytes/down")));
  lines += round_trip_line(report);
  return lines + failure_line(report);
}

std::string describe_amount(base::byte_count bytes) {
  if (bytes < base::kibibyte) {
    return fmt::format("{} B", bytes);
  }
  const auto amount = static_cast<double>(bytes);
  if (bytes < base::mebibyte) {
    return fmt::format("{:.1f} KiB", amount / static_cast<double>(base::kibibyte));
  }
  if (bytes < base::gibibyte) {
    return fmt::format("{:.1f} MiB", amount / static_cast<double>(base::mebibyte));
  }
  return fmt::format("{:.2f} GiB", amount / static_cast<double>(base::gibibyte));
}

std::string describe_span(std::chrono::seconds span) {
  const auto seconds = span.count();
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} min", seconds / 60);
  }
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

}
