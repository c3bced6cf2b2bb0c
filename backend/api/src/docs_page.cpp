#include "docs_page.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "docs_example.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

std::string text_at(const json::object& object, const char* name) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? escaped(found->as_string()) : std::string();
}

std::string anchor_of(std::string_view tag) {
  std::string anchor;
  for (const char letter : tag) {
    anchor += letter == ' ' ? '-' : letter;
  }
  return anchor;
}

std::string upper_case(std::string_view text) {
  std::string upper;
  for (const char letter : text) {
    upper += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return upper;
}

class page_writer {
 public:
  explicit page_writer(const json::object& document)
      : document_(document),
        components_(document.at("components").as_object()),
        examples_(components_.at("schemas").as_object()) {}

  std::string write() {
    add_head();
    for (const auto& tag : document_.at("tags").as_array()) {
      add_tag(tag.at("name").as_string());
    }
    add_schemas();
    page_ += "</main>\n<script src=\"/docs/page.js\"></script>\n</body>\n</html>\n";
    return std::move(page_);
  }

 private:
  void add_head();
  void add_tag(std::string_view tag);
  void add_operation(std::string_view method, std::string_view path, const json::object& one);
  void add_parameters(const json::object& one);
  void add_content(std::string_view title, const json::object& holder);
  void add_answers(const json::object& one);
  void add_schemas();
  const json::object& resolved(const json::object& answer) const;
  template <typename... Parts>
  void add(fmt::format_string<Parts...> form, Parts&&... parts) {
    fmt::format_to(std::back_inserter(page_), form, std::forward<Parts>(parts)...);
  }

  const json::object& document_;
  const json::object& components_;
  docs_examples examples_;
  std::string page_;
};

void page_writer::add_head() {
  const auto title = text_at(document_.at("info").as_object(), "title");
  add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<link rel=\"stylesheet\" href=\"/docs/page.css\">\n</head>\n<body>\n"
      "<header><h1>{}</h1>\n<p>{} The same as <a href=\"/openapi.json\">OpenAPI 3.1</a>.</p>\n"
      "<p hidden><label for=\"filter\">Filter by words</label>"
      "<input id=\"filter\" type=\"search\" autocomplete=\"off\"></p>\n",
      title, title, text_at(document_.at("info").as_object(), "description"));
  page_ += "<nav aria-label=\"Areas\"><ul>\n";
  for (const auto& tag : document_.at("tags").as_array()) {
    const std::string_view name = tag.at("name").as_string();
    add("<li><a href=\"#{}\">{}</a></li>\n", anchor_of(name), escaped(name));
  }
  page_ += "</ul></nav></header>\n<main>\n";
}

void page_writer::add_tag(std::string_view tag) {
  add("<section id=\"{}\"><h2>{}</h2>\n", anchor_of(tag), escaped(tag));
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      const auto& one = method.value().as_object();
      if (std::string_view(one.at("tags").at(0).as_string()) == tag) {
        add_operation(method.key(), path.key(), one);
      }
    }
  }
  page_ += "</section>\n";
}

void page_writer::add_operation(std::string_view method, std::string_view path,
                                const json::object& one) {
  const auto role = text_at(one, "x-required-role");
  const auto name = text_at(one, "operationId");
  add("<details id=\"{}\" data-words=\"{} {} {}\"><summary><span class=\"method\">{}</span> "
      "<code>{}</code> {} <span class=\"role\">{}</span></summary><div>\n",
      name, escaped(path), name, text_at(one, "summary"), upper_case(method), escaped(path),
      text_at(one, "summary"), role);
  const auto scope = text_at(one, "x-required-scope");
  if (!role.empty()) {
    add("<p>Least role: <b>{}</b>{}</p>\n", role, scope.empty() ? "" : ", scope: " + scope);
  }
  add_parameters(one);
  if (const auto* body = one.if_contains("requestBody")) {
    add_content("Body", body->as_object());
  }
  add_answers(one);
  page_ += "</div></details>\n";
}

void page_writer::add_parameters(const json::object& one) {
  const auto& parameters = one.at("parameters").as_array();
  if (parameters.empty()) {
    return;
  }
  page_ += "<h3>Parameters</h3><table><tr><th>Name</th><th>In</th><th>Schema</th></tr>\n";
  for (const auto& each : parameters) {
    const auto& parameter = each.as_object();
    add("<tr><td><code>{}</code></td><td>{}{}</td><td><code>{}</code></td></tr>\n",
        text_at(parameter, "name"), text_at(parameter, "in"),
        parameter.at("required").as_bool() ? ", required" : "",
        escaped(json::serialize(parameter.at("schema"))));
  }
  page_ += "</table>\n";
}

void page_writer::add_content(std::string_view title, const json::object& holder) {
  const auto* content = holder.if_contains("content");
  if (content == nullptr) {
    return;
  }
  for (const auto& media : content->as_object()) {
    const auto& schema = media.value().at("schema");
    add("<h3>{}: {}</h3><pre><code>{}</code></pre>\n", title, escaped(media.key()),
        escaped(json::serialize(examples_.of(schema))));
    if (const auto* reference = schema.as_object().if_contains("$ref")) {
      const std::string_view path = reference->as_string();
      const auto name = path.substr(path.rfind('/') + 1);
      add("<p>Schema: <a href=\"#schema-{}\">{}</a></p>\n", name, name);
    }
  }
}

const json::object& page_writer::resolved(const json::object& answer) const {
  const auto* reference = answer.if_contains("$ref");
  if (reference == nullptr) {
    return answer;
  }
  const std::string_view path = reference->as_string();
  return components_.at("responses").at(path.substr(path.rfind('/') + 1)).as_object();
}

void page_writer::add_answers(const json::object& one) {
  const auto& answers = one.at("responses").as_object();
  page_ += "<h3>Answers</h3><table><tr><th>Status</th><th>Meaning</th></tr>\n";
  for (const auto& answer : answers) {
    add("<tr><td>{}</td><td>{}</td></tr>\n", std::string_view(answer.key()),
        text_at(resolved(answer.value().as_object()), "description"));
  }
  page_ += "</table>\n";
  for (const auto& answer : answers) {
    if (answer.key().starts_with('2')) {
      add_content("Answer", answer.value().as_object());
    }
  }
}

void page_writer::add_schemas() {
  page_ += "<section id=\"schemas\"><h2>Schemas</h2>\n";
  for (const auto& schema : components_.at("schemas").as_object()) {
    const std::string_view name = schema.key();
    add("<details id=\"schema-{}\"><summary><code>{}</code></summary><div><pre><code>{}</code>"
        "</pre></div></details>\n",
        name, name, escaped(json::serialize(schema.value())));
  }
  page_ += "</section>\n";
}

}

std::string docs_page(std::string_view openapi) {
  const auto document = json::parse(json::string_view(openapi.data(), openapi.size())).as_object();
  return page_writer(document).write();
}

}
