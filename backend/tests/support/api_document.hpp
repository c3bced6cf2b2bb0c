#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::backend::test_support {

struct api_operation {
  std::string method;
  std::string path;
  boost::json::object terms;

  std::string label() const { return method + " " + path; }
  bool is_admin() const { return terms.contains("x-required-role"); }
  bool answers(int status) const;
  bool is_secured_by(std::string_view scheme) const;
  const boost::json::object* parameter(std::string_view place, std::string_view name) const;
};

class api_document {
 public:
  explicit api_document(const std::string& text);

  const boost::json::object& content() const noexcept { return content_; }
  const std::vector<api_operation>& operations() const noexcept { return operations_; }
  const boost::json::object& resolved(const boost::json::value& schema) const;
  boost::json::value sample(const boost::json::value& schema) const;
  std::string needed_query_of(const api_operation& one, const std::string& more = {}) const;
  const boost::json::value* body_of(const api_operation& one) const;
  const boost::json::object* answer_of(const api_operation& one) const;

 private:
  boost::json::object content_;
  std::vector<api_operation> operations_;
};

}
