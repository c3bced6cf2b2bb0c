#include "httvps/node/keys/key_counters.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

namespace json = boost::json;

constexpr std::size_t epoch_size = 16;
constexpr std::size_t process_size_most = 128;
constexpr std::size_t figures = 4;

std::unexpected<base::error> damaged() {
  return base::fail(keys_errc::counters_damaged);
}

json::array to_array(const key_traffic& traffic) {
  return {traffic.up, traffic.down, traffic.wire_up, traffic.wire_down};
}

json::object to_object(const traffic_by_key& all) {
  json::object object;
  for (const auto& [id, traffic] : all) {
    object[id] = to_array(traffic);
  }
  return object;
}

base::result<key_traffic> traffic_from(const json::value& value) {
  const auto* array = value.if_array();
  if (array == nullptr || array->size() != figures) {
    return damaged();
  }
  base::byte_count numbers[figures] = {};
  for (std::size_t index = 0; index < figures; ++index) {
    json::error_code failure;
    numbers[index] = (*array)[index].to_number<std::uint64_t>(failure);
    if (failure) {
      return damaged();
    }
  }
  return key_traffic{
      .up = numbers[0], .down = numbers[1], .wire_up = numbers[2], .wire_down = numbers[3]};
}

base::result<traffic_by_key> traffic_of(const json::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  const auto* object = value != nullptr ? value->if_object() : nullptr;
  if (object == nullptr || object->size() > counted_keys_most) {
    return damaged();
  }
  traffic_by_key all;
  for (const auto& member : *object) {
    HTTVPS_TRY(all[std::string(member.key())], traffic_from(member.value()));
  }
  return all;
}

base::result<std::string> text_of(const json::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > process_size_most) {
    return damaged();
  }
  return std::string(value->get_string());
}

}

base::result<key_counters> key_counters::from_text(std::string_view text) {
  json::error_code failure;
  const auto value = json::parse(json::string_view(text.data(), text.size()), failure);
  const auto* document = failure ? nullptr : value.if_object();
  if (document == nullptr) {
    return damaged();
  }
  HTTVPS_TRY(auto epoch, text_of(*document, "epoch"));
  if (epoch.size() != epoch_size) {
    return damaged();
  }
  key_counters read(std::move(epoch));
  HTTVPS_TRY(read.process_, text_of(*document, "process"));
  HTTVPS_TRY(read.carried_, traffic_of(*document, "carried"));
  HTTVPS_TRY(read.current_, traffic_of(*document, "current"));
  return read;
}

std::string key_counters::to_text() const {
  return json::serialize(json::object{{"epoch", epoch_},
                                      {"process", process_},
                                      {"carried", to_object(carried_)},
                                      {"current", to_object(current_)}});
}

bool key_counters::is_other_life(const server_metrics& read,
                                 std::string_view process) const noexcept {
  if (!process_.empty() && !process.empty() && process != process_) {
    return true;
  }
  return std::ranges::any_of(current_, [&read](const auto& held) {
    const auto now = read.traffic.find(held.first);
    return now == read.traffic.end() || is_any_less(now->second, held.second);
  });
}

server_life key_counters::take(const server_metrics& read, std::string_view process) {
  const auto life = is_other_life(read, process) ? server_life::started_again : server_life::same;
  if (life == server_life::started_again) {
    for (const auto& [id, traffic] : current_) {
      carried_[id] = sum(carried_[id], traffic);
    }
  }
  if (!process.empty()) {
    process_ = process;
  }
  current_ = read.traffic;
  return life;
}

traffic_by_key key_counters::totals() const {
  auto all = carried_;
  for (const auto& [id, traffic] : current_) {
    all[id] = sum(all[id], traffic);
  }
  return all;
}

key_traffic key_counters::total() const noexcept {
  key_traffic all;
  for (const auto* each : {&carried_, &current_}) {
    for (const auto& [id, traffic] : *each) {
      all = sum(all, traffic);
    }
  }
  return all;
}

void key_counters::forget_retired(const wanted_keys& wanted) {
  std::erase_if(carried_, [&](const auto& held) {
    return !current_.contains(held.first) && !is_wanted(wanted, held.first);
  });
}

}
