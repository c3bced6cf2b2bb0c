#pragma once

#include <string_view>
#include <variant>

#include "httvps/backend/schemas/session_documents.hpp"

namespace httvps::backend::schemas {

inline constexpr std::size_t most_devices_validated = 100;

struct validate_many_request {
  static constexpr std::string_view schema_name = "ValidateDevicesRequest";

  list<validate_request, length_range{1, most_devices_validated}> items;
};
BOOST_DESCRIBE_STRUCT(validate_many_request, (), (items))

struct validation_problem {
  static constexpr std::string_view schema_name = "ValidationProblem";

  whole<number_range{400, 599}> status;
  text<length_range{1, 64}> code;
  schemas::sentence detail;
};
BOOST_DESCRIBE_STRUCT(validation_problem, (), (status, code, detail))

struct device_unjudged {
  static constexpr std::string_view schema_name = "DeviceUnjudged";

  validation_problem problem;
};
BOOST_DESCRIBE_STRUCT(device_unjudged, (), (problem))

using validated_item = std::variant<device_allowed, device_denied, device_unjudged>;

struct validate_many_answer {
  static constexpr std::string_view schema_name = "ValidateDevicesAnswer";

  list<validated_item, length_range{1, most_devices_validated}> items;
};
BOOST_DESCRIBE_STRUCT(validate_many_answer, (), (items))

}
