#pragma once

#include <string>
#include <vector>

#include "api_document.hpp"

namespace httvps::backend::test_support {

struct bad_body {
  std::string pointer;
  std::string code;
  std::string text;
};

std::vector<bad_body> bad_bodies(const api_document& document, const boost::json::value& schema);
std::vector<std::string> odd_bodies(const api_document& document, const boost::json::value& schema,
                                    std::string_view planted);

}
