#include "json_fields.hpp"

#include <algorithm>
#include <ctime>

#include "httvps/base/secret_text.hpp"
#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t text_most = 16384;
constexpr std::size_t id_most = 64;
constexpr std::uint64_t seconds_most = std::uint64_t{10} * 366 * 86400;

const boost::json::value* find(const boost::json::object& object, std::string_view name) {
  return object.if_contains(boost::json::string_view(name.data(), name.size()));
}

std::optional<base::system_time> moment_in(const std::string& text) {
  std::tm parts{};
  const auto* read = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (read == nullptr) {
    return std::nullopt;
  }
  const std::string_view rest(read);
  const auto whole = base::from_unix_seconds(timegm(&parts));
  if (rest == "Z") {
    return whole;
  }
  const bool has_fraction = rest.size() > 2 && rest.front() == '.' && rest.back() == 'Z' &&
                            rest.find_first_not_of("0123456789", 1) == rest.size() - 1;
  if (!has_fraction) {
    return std::nullopt;
  }
  const bool is_whole = rest.find_first_not_of('0', 1) == rest.size() - 1;
  return is_whole ? whole : whole + std::chrono::seconds(1);
}

}

base::result<boost::json::object> parse_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 8;
  boost::system::error_code failure;
  auto value =
      boost::json::parse(boost::json::string_view(text.data(), text.size()), failure, {}, options);
  if (failure || !value.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return std::move(value.get_object());
}

base::result<std::string> text_field(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > text_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return std::string(value->get_string());
}

base::result<base::secret_bytes> take_secret(boost::json::object& object, std::string_view name) {
  auto* value = object.if_contains(boost::json::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_string() || value->get_string().size() > text_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return base::take_text(value->get_string());
}

base::result<base::secret_bytes> take_optional_secret(boost::json::object& object,
                                                      std::string_view name) {
  const auto* value = find(object, name);
  return value == nullptr || value->is_null() ? base::secret_bytes() : take_secret(object, name);
}

base::result<std::uint64_t> number_field(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value != nullptr && value->is_uint64()) {
    return value->get_uint64();
  }
  if (value != nullptr && value->is_int64() && value->get_int64() >= 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  return base::fail(control_errc::backend_answer_invalid);
}

base::result<std::uint64_t> optional_number(const boost::json::object& object,
                                            std::string_view name) {
  const auto* value = find(object, name);
  return value == nullptr || value->is_null() ? base::result<std::uint64_t>(0)
                                              : number_field(object, name);
}

base::result<std::optional<std::chrono::seconds>> optional_seconds(
    const boost::json::object& object, std::string_view name) {
  using found = std::optional<std::chrono::seconds>;
  const auto* value = find(object, name);
  if (value == nullptr || value->is_null()) {
    return found();
  }
  HTTVPS_TRY(const auto number, number_field(object, name));
  return found(std::chrono::seconds(std::min(number, seconds_most)));
}

base::result<bool> flag_field(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr || !value->is_bool()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return value->get_bool();
}

base::result<std::vector<std::string>> ids_in(const boost::json::object& object,
                                              const id_list& wanted) {
  std::vector<std::string> ids;
  const auto* value = find(object, wanted.field);
  if (value == nullptr || value->is_null()) {
    return ids;
  }
  if (!value->is_array() || value->get_array().size() > wanted.most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  for (const auto& each : value->get_array()) {
    if (!each.is_string() || each.get_string().size() > id_most) {
      return base::fail(control_errc::backend_answer_invalid);
    }
    ids.emplace_back(each.get_string());
  }
  return ids;
}

base::result<std::string> optional_text(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  return value == nullptr || value->is_null() ? base::result<std::string>("")
                                              : text_field(object, name);
}

base::result<std::optional<base::system_time>> optional_moment(const boost::json::object& object,
                                                               std::string_view name) {
  HTTVPS_TRY(const auto text, optional_text(object, name));
  if (text.empty()) {
    return std::optional<base::system_time>();
  }
  const auto moment = moment_in(text);
  return moment ? base::result<std::optional<base::system_time>>(moment)
                : base::fail(control_errc::backend_answer_invalid);
}

base::result<bool> optional_flag(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  return value == nullptr || value->is_null() ? base::result<bool>(false)
                                              : flag_field(object, name);
}

}
