#include "gate/settings.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <iterator>
#include <string_view>

namespace httvps::chaos {
namespace {

using boost::json::value;

constexpr double longest_milliseconds = 3'600'000;
constexpr double largest_amount = 1e15;

base::result<double> amount(const value& given, double most) {
  if (!given.is_number()) {
    return base::fail(base::errc::invalid_setting);
  }
  const auto number = given.to_number<double>();
  if (!(number >= 0 && number <= most)) {
    return base::fail(base::errc::invalid_setting);
  }
  return number;
}

base::result<void> read(base::duration& to, const value& given) {
  HTTVPS_TRY(const auto number, amount(given, longest_milliseconds));
  to =
      std::chrono::duration_cast<base::duration>(std::chrono::duration<double, std::milli>(number));
  return {};
}

base::result<void> read(std::uint64_t& to, const value& given) {
  HTTVPS_TRY(const auto number, amount(given, largest_amount));
  to = static_cast<std::uint64_t>(number);
  return {};
}

base::result<void> read(newcomers& to, const value& given) {
  if (!given.is_bool()) {
    return base::fail(base::errc::invalid_setting);
  }
  to = given.get_bool() ? newcomers::held : newcomers::served;
  return {};
}

base::result<void> read(passage& to, const value& given) {
  if (!given.is_bool()) {
    return base::fail(base::errc::invalid_setting);
  }
  to = given.get_bool() ? passage::stopped : passage::open;
  return {};
}

base::result<void> read(handshake_cost& to, const value& given) {
  if (!given.is_bool()) {
    return base::fail(base::errc::invalid_setting);
  }
  to = given.get_bool() ? handshake_cost::one_round_trip : handshake_cost::none;
  return {};
}

base::result<void> read(cut_manner& to, const value& given) {
  if (!given.is_string() || (given.get_string() != "rst" && given.get_string() != "fin")) {
    return base::fail(base::errc::invalid_setting);
  }
  to = given.get_string() == "rst" ? cut_manner::reset : cut_manner::fin;
  return {};
}

base::result<void> read_queue(settings& all, const value& given) {
  HTTVPS_CHECK(read(all.up.queue, given));
  all.up.queue = std::max<base::duration>(all.up.queue, std::chrono::milliseconds(2));
  all.down.queue = all.up.queue;
  return {};
}

struct field {
  std::string_view name;
  base::result<void> (*apply)(settings& all, const value& given);
};

constexpr field fields[] = {
    {"up_delay_ms", [](settings& all, const value& given) { return read(all.up.delay, given); }},
    {"down_delay_ms",
     [](settings& all, const value& given) { return read(all.down.delay, given); }},
    {"up_jitter_ms", [](settings& all, const value& given) { return read(all.up.jitter, given); }},
    {"down_jitter_ms",
     [](settings& all, const value& given) { return read(all.down.jitter, given); }},
    {"up_rate",
     [](settings& all, const value& given) { return read(all.up.bits_per_second, given); }},
    {"down_rate",
     [](settings& all, const value& given) { return read(all.down.bits_per_second, given); }},
    {"up_stopped", [](settings& all, const value& given) { return read(all.up.now, given); }},
    {"down_stopped", [](settings& all, const value& given) { return read(all.down.now, given); }},
    {"queue_ms", read_queue},
    {"queue_bytes", [](settings& all, const value& given) { return read(all.queue_bytes, given); }},
    {"cut_every_ms", [](settings& all, const value& given) { return read(all.cut_every, given); }},
    {"cut_jitter_ms",
     [](settings& all, const value& given) { return read(all.cut_jitter, given); }},
    {"cut_how", [](settings& all, const value& given) { return read(all.manner, given); }},
    {"cut_after_up",
     [](settings& all, const value& given) { return read(all.up_limits.cut_after, given); }},
    {"cut_after_down",
     [](settings& all, const value& given) { return read(all.down_limits.cut_after, given); }},
    {"freeze_after_up",
     [](settings& all, const value& given) { return read(all.up_limits.freeze_after, given); }},
    {"freeze_after_down",
     [](settings& all, const value& given) { return read(all.down_limits.freeze_after, given); }},
    {"cap", [](settings& all, const value& given) { return read(all.cap, given); }},
    {"hold", [](settings& all, const value& given) { return read(all.arrivals, given); }},
    {"connect_round_trip",
     [](settings& all, const value& given) { return read(all.handshake, given); }},
};

}

base::result<settings> changed(settings current, const boost::json::object& wanted) {
  for (const auto& [name, given] : wanted) {
    const auto* found = std::ranges::find(fields, std::string_view(name), &field::name);
    if (found == std::end(fields)) {
      return base::fail(base::errc::unknown_setting);
    }
    HTTVPS_CHECK(found->apply(current, given));
  }
  return current;
}

}
