#include "httvps/backend/schemas/json_document.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <optional>
#include <string>

namespace httvps::backend::schemas {
namespace {

namespace json = boost::json;
using failure = boost::system::error_code;

struct frame {
  std::vector<std::string> keys;
  std::size_t index = 0;
  bool is_array = false;
};

std::optional<double> nearest_double(const std::string& text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

class member_watch {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(failure&) { return true; }
  bool on_document_end(failure&) { return true; }
  bool on_object_begin(failure&) { return open(false); }
  bool on_object_end(std::size_t, failure&) { return close(); }
  bool on_array_begin(failure&) { return open(true); }
  bool on_array_end(std::size_t, failure&) { return close(); }
  bool on_key_part(json::string_view part, std::size_t, failure&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, failure& stop) {
    key_.append(part.data(), part.size());
    return note_key(stop);
  }
  bool on_string_part(json::string_view, std::size_t, failure&) { return true; }
  bool on_string(json::string_view, std::size_t, failure&) { return close_scalar(); }
  bool on_number_part(json::string_view part, failure&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t, json::string_view, failure&) { return close_number(); }
  bool on_uint64(std::uint64_t, json::string_view, failure&) { return close_number(); }
  bool on_double(double about, json::string_view part, failure&) {
    number_.append(part.data(), part.size());
    fractions.push_back(nearest_double(number_).value_or(about));
    return close_number();
  }
  bool on_bool(bool, failure&) { return close_scalar(); }
  bool on_null(failure&) { return close_scalar(); }
  bool on_comment_part(json::string_view, failure&) { return true; }
  bool on_comment(json::string_view, failure&) { return true; }

  problem_list problems;
  std::vector<double> fractions;

 private:
  bool open(bool is_array) {
    frames_.push_back({.keys = {}, .index = 0, .is_array = is_array});
    if (is_array) {
      problems.enter(std::size_t(0));
    }
    return true;
  }

  bool close() {
    if (frames_.back().is_array) {
      problems.leave();
    }
    frames_.pop_back();
    return close_scalar();
  }

  bool close_number() {
    number_.clear();
    return close_scalar();
  }

  bool close_scalar() {
    if (frames_.empty()) {
      return true;
    }
    problems.leave();
    if (frames_.back().is_array) {
      problems.enter(++frames_.back().index);
    }
    return true;
  }

  bool note_key(failure& stop) {
    auto& keys = frames_.back().keys;
    problems.enter(key_);
    if (std::ranges::find(keys, key_) != keys.end()) {
      problems.report("duplicate_field", "This field appears more than once.");
    }
    if (keys.size() >= most_object_members) {
      problems.report("too_many_fields", "An object holds at most 64 fields.");
      stop = json::error::object_too_large;
      return false;
    }
    keys.push_back(std::move(key_));
    key_.clear();
    return true;
  }

  std::vector<frame> frames_;
  std::string key_;
  std::string number_;
};

json::parse_options bounded_options() {
  json::parse_options options;
  options.max_depth = deepest_nesting;
  return options;
}

std::vector<field_problem> syntax_problem(const failure& cause) {
  if (cause == json::error::too_deep) {
    return {{"", "too_deep", "The document is nested more than 8 levels deep."}};
  }
  return {{"", "not_json", "The body is not one valid JSON document."}};
}

parsed<std::vector<double>> check_members(std::string_view text) {
  json::basic_parser<member_watch> parser(bounded_options());
  failure cause;
  parser.write_some(false, text.data(), text.size(), cause);
  auto& problems = parser.handler().problems;
  if (!problems.empty()) {
    return std::unexpected(problems.take());
  }
  if (cause) {
    return std::unexpected(syntax_problem(cause));
  }
  return std::move(parser.handler().fractions);
}

class fraction_setter {
 public:
  explicit fraction_setter(const std::vector<double>& exact) noexcept : next_(exact.begin()) {}

  void visit(json::value& value) {
    if (auto* number = value.if_double()) {
      *number = *next_++;
    } else if (auto* list = value.if_array()) {
      std::ranges::for_each(*list, [this](json::value& each) { visit(each); });
    } else if (auto* members = value.if_object()) {
      std::ranges::for_each(*members, [this](auto& each) { visit(each.value()); });
    }
  }

 private:
  std::vector<double>::const_iterator next_;
};

}

parsed<json::value> parse_document(std::string_view text) {
  const auto fractions = check_members(text);
  if (!fractions) {
    return std::unexpected(fractions.error());
  }
  failure cause;
  auto document =
      json::parse(json::string_view(text.data(), text.size()), cause, {}, bounded_options());
  if (cause) {
    return std::unexpected(syntax_problem(cause));
  }
  if (!fractions->empty()) {
    fraction_setter(*fractions).visit(document);
  }
  return document;
}

}
