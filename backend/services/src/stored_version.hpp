#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace httvps::backend::services {

std::uint64_t version_in(const std::optional<std::string>& stored, std::uint64_t otherwise = 0);

}
