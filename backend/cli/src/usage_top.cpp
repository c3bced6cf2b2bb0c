#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "local_orders.hpp"

namespace httvps::ctl {
namespace {

struct traffic {
  std::int64_t up = 0;
  std::int64_t down = 0;

  std::int64_t total() const noexcept { return up + down; }
};

std::int64_t number_in(const json::value& item, std::string_view name) {
  const auto* found = member_of(item, name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

std::vector<std::pair<std::string, traffic>> summed(const json::array& items, std::string_view by) {
  std::map<std::string, traffic> sums;
  for (const auto& item : items) {
    auto& sum = sums[text_of(item, by)];
    sum.up += number_in(item, "up");
    sum.down += number_in(item, "down");
  }
  std::vector<std::pair<std::string, traffic>> sorted(sums.begin(), sums.end());
  std::ranges::sort(sorted, [](const auto& left, const auto& right) {
    return std::pair(-left.second.total(), left.first) <
           std::pair(-right.second.total(), right.first);
  });
  return sorted;
}

}

std::string to_size(std::int64_t bytes) {
  constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  constexpr double step = 1024;
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= step && unit + 1 < std::size(units)) {
    size /= step;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

json::array top_of(const json::array& items, const usage_order& order, output_form form) {
  json::array rows;
  const auto sorted = summed(items, order.by);
  for (const auto& [name, sum] : sorted) {
    if (rows.size() == order.most) {
      break;
    }
    const auto shown = [&](std::int64_t bytes) {
      return form == output_form::table ? json::value(to_size(bytes)) : json::value(bytes);
    };
    rows.push_back(json::object{{order.by, name},
                                {"up", shown(sum.up)},
                                {"down", shown(sum.down)},
                                {"total", shown(sum.total())}});
  }
  return rows;
}

outcome<> run_usage_top(const command_tree& tree, const global_options& chosen,
                        const usage_order& order) {
  const auto* shows = tree.find("usage", "show");
  if (shows == nullptr) {
    return failure("This program knows no usage.");
  }
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  given_values given;
  if (!order.first_day.empty()) {
    given.flags["first-day"] = {order.first_day};
  }
  if (!order.last_day.empty()) {
    given.flags["last-day"] = {order.last_day};
  }
  HTTVPS_TRY(const auto all, fetch_all(opened.client, shows->runs, given));
  show(top_of(all.at("items").as_array(), order, chosen.form), chosen.form);
  return {};
}

}
