#pragma once

#include <array>
#include <string>

namespace httvps::backend::storage {

std::array<std::string, 3> parts_of_place(const std::string& place);

}
