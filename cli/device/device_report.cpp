#include "device/device_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "commands/messages.hpp"
#include "httvps/sdk/errc.hpp"
#include "status/json_fields.hpp"
#include "status/status_report.hpp"

namespace httvps::cli {
namespace {

namespace json = boost::json;

using row = std::vector<std::string>;

constexpr std::string_view column_gap = "  ";

std::string cell_at(const json::value& from, std::string_view pointer) {
  const auto text = printable(text_at(from, pointer));
  return text.empty() ? std::string("-") : text;
}

const json::value* value_at(const json::value& from, std::string_view pointer) {
  json::error_code failure;
  const auto* found = from.find_pointer({pointer.data(), pointer.size()}, failure);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::vector<std::size_t> widths_of(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& each : rows) {
    widths.resize(std::max(widths.size(), each.size()));
    for (std::size_t at = 0; at < each.size(); ++at) {
      widths[at] = std::max(widths[at], fmt::formatted_size("{}", each[at]));
    }
  }
  return widths;
}

std::string table_of(const std::vector<row>& rows) {
  const auto widths = widths_of(rows);
  std::string text;
  for (const auto& each : rows) {
    std::string line;
    for (std::size_t at = 0; at < each.size(); ++at) {
      line += fmt::format("{:<{}}{}", each[at], widths[at], column_gap);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string quota_line(const json::value& account) {
  const auto up = number_at(account, "/subscription/used_up");
  const auto down = number_at(account, "/subscription/used_down");
  const auto used = fmt::format("{} used ({} up, {} down)", describe_amount(up + down),
                                describe_amount(up), describe_amount(down));
  if (value_at(account, "/subscription/quota_bytes") == nullptr) {
    return used + ", no limit";
  }
  return fmt::format("{} of {}, {} left", used,
                     describe_amount(number_at(account, "/subscription/quota_bytes")),
                     describe_amount(number_at(account, "/subscription/remaining_bytes")));
}

std::string described_account(const json::value& account) {
  const bool ends = value_at(account, "/subscription/expires_at") != nullptr;
  return table_of({
      {"Device:",
       fmt::format("{} ({})", cell_at(account, "/device_name"), cell_at(account, "/device_id"))},
      {"Owner:", cell_at(account, "/user_name")},
      {"Plan:", fmt::format("{}, {}", cell_at(account, "/subscription/plan"),
                            cell_at(account, "/subscription/standing"))},
      {"Expires:", ends ? cell_at(account, "/subscription/expires_at") : "never"},
      {"Traffic:", quota_line(account)},
      {"Devices:", fmt::format("{} of {}", number_at(account, "/devices"),
                               number_at(account, "/device_limit"))},
  });
}

bool is_true(const json::value& from, std::string_view pointer) {
  const auto* found = value_at(from, pointer);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string described_regions(const json::array& regions) {
  std::vector<row> rows = {{"REGION", "NODES"}};
  for (const auto& each : regions) {
    rows.push_back(
        {cell_at(each, "/code"), is_true(each, "/healthy") ? "healthy" : "none healthy"});
  }
  return table_of(rows);
}

std::string described_devices(const json::array& devices) {
  std::vector<row> rows = {{"ID", "NAME", "PLATFORM", "STATE", "ENROLLED", "LAST SEEN"}};
  for (const auto& each : devices) {
    const auto* mark = is_true(each, "/is_this_device") ? " (this device)" : "";
    rows.push_back({cell_at(each, "/id"), cell_at(each, "/name") + mark, cell_at(each, "/platform"),
                    cell_at(each, "/state"), cell_at(each, "/enrolled_at"),
                    cell_at(each, "/last_seen_at")});
  }
  return table_of(rows);
}

std::string described_revocation(const json::value& device) {
  return fmt::format("{} ({}) has lost its access.\n", cell_at(device, "/name"),
                     cell_at(device, "/id"));
}

std::optional<std::string> described_list(sdk::question_kind kind, const json::value& told) {
  const bool regions = kind == sdk::question_kind::regions;
  const auto* items = value_at(told, regions ? "/regions" : "/devices");
  if (items == nullptr || !items->is_array()) {
    return std::nullopt;
  }
  return regions ? described_regions(items->get_array()) : described_devices(items->get_array());
}

std::optional<std::string> described(sdk::question_kind kind, const json::value& told) {
  switch (kind) {
    case sdk::question_kind::account:
      return text_at(told, "/device_id").empty() ? std::nullopt
                                                 : std::optional(described_account(told));
    case sdk::question_kind::regions:
    case sdk::question_kind::devices:
      return described_list(kind, told);
    case sdk::question_kind::revocation:
      break;
  }
  return text_at(told, "/id").empty() ? std::nullopt : std::optional(described_revocation(told));
}

}

base::result<std::string> describe_answer(sdk::question_kind kind, std::string_view text) {
  json::error_code failure;
  const auto told = json::parse({text.data(), text.size()}, failure);
  if (!failure && told.is_object()) {
    if (auto lines = described(kind, told)) {
      return std::move(*lines);
    }
  }
  return base::fail(sdk::errc::control_answer_malformed);
}

}
