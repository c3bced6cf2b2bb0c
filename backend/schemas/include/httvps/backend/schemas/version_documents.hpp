#pragma once

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

struct version_answer {
  static constexpr std::string_view schema_name = "Version";

  text<length_range{1, 64}, printable_line> version;
  counter_value schema;
  counter_value newest_schema;
};
BOOST_DESCRIBE_STRUCT(version_answer, (), (version, schema, newest_schema))

}
