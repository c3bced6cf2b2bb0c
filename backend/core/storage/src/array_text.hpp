#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cell.hpp"

namespace httvps::backend::storage {

std::string array_of(std::span<const std::uint64_t> numbers);
std::string array_of_column(std::span<const cells> rows, std::size_t column);

}
