#pragma once

#include <string>

#include "route.hpp"

namespace httvps::backend::api {

std::string openapi_document(const route_table& table);

}
