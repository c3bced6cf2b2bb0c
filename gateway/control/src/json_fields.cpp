#include "json_fields.hpp"

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t text_most = 16384;

const boost::json::value* find(const boost::json::object& object, std::string_view name) {
  return object.if_contains(boost::json::string_view(name.data(), name.size()));
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

base::result<bool> flag_field(const boost::json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr || !value->is_bool()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return value->get_bool();
}

}
