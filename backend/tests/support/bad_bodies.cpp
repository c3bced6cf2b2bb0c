#include "bad_bodies.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <functional>
#include <limits>

namespace httvps::backend::test_support {
namespace {

namespace json = boost::json;

constexpr std::string_view raw_mark = "RAW-MARK";
constexpr std::size_t mebibyte = 1024UL * 1024UL;
constexpr std::size_t too_deep = 9;
constexpr const char* unknown_name = "no_such_field";

struct place {
  const json::object& schema;
  std::string pointer;
  bool is_required = true;
};

using visitor = std::function<void(const place&)>;

std::string type_of(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  return type != nullptr ? std::string(type->as_string()) : std::string("choice");
}

std::int64_t bound_of(const json::object& schema, const char* name, std::int64_t otherwise) {
  const auto* bound = schema.if_contains(name);
  return bound != nullptr ? bound->to_number<std::int64_t>() : otherwise;
}

void visit(const api_document& document, const place& at, const visitor& see) {
  see(at);
  const auto type = type_of(at.schema);
  if (type == "object") {
    const auto& required = at.schema.at("required").as_array();
    for (const auto& member : at.schema.at("properties").as_object()) {
      const bool is_required =
          std::ranges::find(required, json::value(member.key())) != required.end();
      visit(document,
            {.schema = document.resolved(member.value()),
             .pointer = at.pointer + "/" + std::string(member.key()),
             .is_required = is_required},
            see);
    }
  } else if (type == "array") {
    visit(document,
          {.schema = document.resolved(at.schema.at("items")), .pointer = at.pointer + "/0"}, see);
  }
}

std::string escaped(std::string_view text) {
  return json::serialize(json::value(json::string_view(text.data(), text.size())));
}

std::string repeated(std::string_view text, std::int64_t times) {
  std::string all;
  for (std::int64_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

void put_mark(json::value& document, const std::string& pointer) {
  const json::string mark(raw_mark.data(), raw_mark.size());
  const auto slash = pointer.rfind('/');
  const auto name = pointer.substr(slash + 1);
  auto& holder = document.at_pointer(pointer.substr(0, slash));
  if (holder.is_array()) {
    holder.as_array().at(std::stoul(name)) = mark;
  } else {
    holder.as_object()[name] = mark;
  }
}

class body_maker {
 public:
  body_maker(const api_document& document, const json::value& schema)
      : document_(document), schema_(schema), sample_(document.sample(schema)) {}

  std::vector<bad_body> bad();
  std::vector<std::string> odd(std::string_view planted);

 private:
  void see(const place& at);
  void see_text(const place& at);
  void see_number(const place& at);
  void see_list(const place& at);
  void see_object(const place& at);
  void leave_out(const std::string& pointer);
  void add(const std::string& pointer, const char* code, const std::string& raw) {
    found_.push_back({.pointer = pointer, .code = code, .text = with(pointer, raw)});
  }
  std::string with(const std::string& pointer, const std::string& raw) const;

  const api_document& document_;
  const json::value& schema_;
  json::value sample_;
  std::vector<bad_body> found_;
};

std::string body_maker::with(const std::string& pointer, const std::string& raw) const {
  auto changed = sample_;
  if (pointer.empty()) {
    return raw;
  }
  put_mark(changed, pointer);
  auto text = json::serialize(changed);
  const auto mark = escaped(raw_mark);
  return text.replace(text.find(mark), mark.size(), raw);
}

void body_maker::see_text(const place& at) {
  add(at.pointer, "wrong_type", "7");
  if (at.schema.contains("enum")) {
    add(at.pointer, "not_one_of", R"("no such choice")");
    return;
  }
  const auto least = bound_of(at.schema, "minLength", 0);
  const auto most = bound_of(at.schema, "maxLength", 0);
  add(at.pointer, "too_long", escaped(repeated("a", most + 1)));
  add(at.pointer, "too_long", escaped(repeated("a", static_cast<std::int64_t>(mebibyte))));
  if (least > 0) {
    add(at.pointer, "too_short", escaped(repeated("a", least - 1)));
  }
  if (at.schema.contains("pattern")) {
    add(at.pointer, "bad_format", escaped(repeated("\x01", std::max<std::int64_t>(least, 1))));
  }
  found_.push_back({.pointer = "", .code = "not_json", .text = with(at.pointer, "\"\xff\xfe\"")});
  found_.push_back({.pointer = "", .code = "not_json", .text = with(at.pointer, R"("\ud800")")});
}

void body_maker::see_number(const place& at) {
  add(at.pointer, "wrong_type", R"("seven")");
  add(at.pointer, "out_of_range", std::to_string(bound_of(at.schema, "minimum", 0) - 1));
  add(at.pointer, "out_of_range", "1e300");
  const auto most = bound_of(at.schema, "maximum", 0);
  if (most < std::numeric_limits<std::int64_t>::max()) {
    add(at.pointer, "out_of_range", std::to_string(most + 1));
  }
  if (type_of(at.schema) == "integer") {
    add(at.pointer, "wrong_type", "1.5");
  }
}

void body_maker::see_list(const place& at) {
  add(at.pointer, "wrong_type", "{}");
  const auto most = bound_of(at.schema, "maxItems", 0);
  add(at.pointer, "too_many", "[" + repeated("0,", most) + "0]");
  if (bound_of(at.schema, "minItems", 0) > 0) {
    add(at.pointer, "too_few", "[]");
  }
}

void body_maker::see_object(const place& at) {
  add(at.pointer, "wrong_type", "[]");
  const auto unknown = at.pointer + "/" + unknown_name;
  add(unknown, "unknown_field", "1");
  found_.push_back({.pointer = unknown,
                    .code = "duplicate_field",
                    .text = with(unknown, std::string("1,\"") + unknown_name + "\":1")});
}

void body_maker::see(const place& at) {
  const auto type = type_of(at.schema);
  if (type == "string") {
    see_text(at);
  } else if (type == "integer" || type == "number") {
    see_number(at);
  } else if (type == "array") {
    see_list(at);
  } else if (type == "object") {
    see_object(at);
  } else {
    add(at.pointer, type == "boolean" ? "wrong_type" : "not_one_of", R"("yes")");
  }
  const auto deep = repeated("[", too_deep) + repeated("]", too_deep);
  found_.push_back({.pointer = "", .code = "too_deep", .text = with(at.pointer, deep)});
  if (at.is_required && !at.pointer.empty()) {
    leave_out(at.pointer);
  }
}

void body_maker::leave_out(const std::string& pointer) {
  auto missing = sample_;
  const auto slash = pointer.rfind('/');
  auto& holder = missing.at_pointer(pointer.substr(0, slash));
  if (holder.is_object()) {
    holder.as_object().erase(pointer.substr(slash + 1));
    found_.push_back({.pointer = pointer, .code = "required", .text = json::serialize(missing)});
  }
}

std::vector<bad_body> body_maker::bad() {
  visit(document_, {.schema = document_.resolved(schema_), .pointer = ""},
        [this](const place& at) { see(at); });
  found_.push_back({.pointer = "", .code = "not_json", .text = ""});
  found_.push_back({.pointer = "", .code = "not_json", .text = "{"});
  return std::move(found_);
}

std::vector<std::string> body_maker::odd(std::string_view planted) {
  std::vector<std::string> all;
  visit(document_, {.schema = document_.resolved(schema_), .pointer = ""}, [&](const place& at) {
    if (type_of(at.schema) == "string") {
      all.push_back(with(at.pointer, escaped(planted)));
    }
  });
  return all;
}

}

std::vector<bad_body> bad_bodies(const api_document& document, const json::value& schema) {
  return body_maker(document, schema).bad();
}

std::vector<std::string> odd_bodies(const api_document& document, const json::value& schema,
                                    std::string_view planted) {
  return body_maker(document, schema).odd(planted);
}

}
