#pragma once

#include <string_view>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

struct field_problem_view {
  static constexpr std::string_view schema_name = "FieldProblem";

  text<length_range{0, longest_pointer}> pointer;
  text<length_range{1, 64}> code;
  schemas::sentence detail;
};
BOOST_DESCRIBE_STRUCT(field_problem_view, (), (pointer, code, detail))

struct problem_document {
  static constexpr std::string_view schema_name = "Problem";

  text<length_range{1, 128}> type;
  text<length_range{1, 128}> title;
  whole<number_range{400, 599}> status;
  schemas::sentence detail;
  text<length_range{1, 512}> instance;
  text<length_range{1, 64}> code;
  text<length_range{1, 64}> request_id;
  list<field_problem_view, length_range{0, most_problems}> errors;
};
BOOST_DESCRIBE_STRUCT(problem_document, (),
                      (type, title, status, detail, instance, code, request_id, errors))

struct status_answer {
  static constexpr std::string_view schema_name = "Status";

  text<length_range{1, 64}> status;
};
BOOST_DESCRIBE_STRUCT(status_answer, (), (status))

}
