#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "httvps/backend/schemas/problem.hpp"

namespace httvps::backend::schemas {

using json_value = boost::json::value;
using json_object = boost::json::object;

class component_set {
 public:
  bool begin(std::string_view name);
  void finish(std::string_view name, json_object schema);
  json_object take() noexcept { return std::move(schemas_); }
  static json_object reference_to(std::string_view name);

 private:
  json_object schemas_;
};

template <typename Field>
struct codec;

enum class presence { required, optional };

template <typename Field>
inline constexpr presence presence_of = presence::required;

namespace detail {

struct text_rule {
  std::size_t least = 0;
  std::size_t most = 0;
  std::string_view format = {};
  std::string_view description = {};
  std::string_view pattern = {};
};

struct whole_rule {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

struct choice_rule {
  const char* const* names = nullptr;
  std::size_t count = 0;
};

const boost::json::string* read_text(const json_value& from, const text_rule& rule,
                                     problem_list& problems);
void report_bad_format(const text_rule& rule, problem_list& problems);
bool read_whole(const json_value& from, const whole_rule& rule, std::int64_t& number,
                problem_list& problems);
bool read_load(const json_value& from, double most, double& number, problem_list& problems);
bool read_flag(const json_value& from, bool& flag, problem_list& problems);
std::size_t read_choice(const json_value& from, const choice_rule& rule, problem_list& problems);
const boost::json::array* read_list(const json_value& from, const whole_rule& rule,
                                    problem_list& problems);
const json_object* read_object(const json_value& from, problem_list& problems);
void report_unknown_fields(const json_object& from, const choice_rule& known,
                           problem_list& problems);
void report_missing(problem_list& problems);

json_object text_schema(const text_rule& rule);
json_object whole_schema(const whole_rule& rule);
json_object choice_schema(const choice_rule& rule);
json_object nullable(json_object schema);
json_object both_or_neither(std::string_view one, std::string_view other);

}

}
