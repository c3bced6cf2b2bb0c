#include "gate/command.hpp"

#include <boost/json/parse.hpp>

namespace httvps::chaos {
namespace {

using boost::json::object;
using boost::json::value;

base::result<connection_id> read_id(const value& given) {
  if (!given.is_int64() || given.get_int64() <= 0) {
    return base::fail(base::errc::invalid_argument);
  }
  return static_cast<connection_id>(given.get_int64());
}

base::result<command> read_cut(const value& given) {
  if (given.is_string() && given.get_string() == "all") {
    return cut_all{};
  }
  HTTVPS_TRY(const auto id, read_id(given));
  return cut_one{id};
}

base::result<command> read_freeze(const value& given) {
  HTTVPS_TRY(const auto id, read_id(given));
  return freeze_one{id};
}

base::result<command> read_limit(const value& given) {
  if (!given.is_object() || !given.get_object().contains("id")) {
    return base::fail(base::errc::invalid_argument);
  }
  auto rest = given.get_object();
  HTTVPS_TRY(const auto id, read_id(rest.at("id")));
  rest.erase("id");
  for (const auto& [name, number] : rest) {
    if (std::string_view(name).find("_after_") == std::string_view::npos) {
      return base::fail(base::errc::unknown_setting);
    }
  }
  HTTVPS_TRY(const auto limits, changed(settings{}, rest));
  return limit_one{.id = id, .up = limits.up_limits, .down = limits.down_limits};
}

base::result<command> read_set(const value& given) {
  if (!given.is_object()) {
    return base::fail(base::errc::invalid_argument);
  }
  return change_settings{given.get_object()};
}

base::result<command> read_stats(const value& given) {
  if (!given.is_bool() || !given.get_bool()) {
    return base::fail(base::errc::invalid_argument);
  }
  return ask_stats{};
}

struct verb {
  std::string_view name;
  base::result<command> (*read)(const value& given);
};

constexpr verb verbs[] = {{"cut", read_cut},
                          {"freeze", read_freeze},
                          {"limit", read_limit},
                          {"set", read_set},
                          {"stats", read_stats}};

}

base::result<command> parse_command(std::string_view line) {
  boost::system::error_code failure;
  const auto document = boost::json::parse(line, failure);
  if (failure || !document.is_object() || document.get_object().size() != 1) {
    return base::fail(base::errc::invalid_encoding);
  }
  const auto& [name, given] = *document.get_object().begin();
  for (const auto& each : verbs) {
    if (each.name == std::string_view(name)) {
      return each.read(given);
    }
  }
  return base::fail(base::errc::invalid_argument);
}

}
