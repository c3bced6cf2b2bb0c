#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace httvps::identity {

std::optional<std::vector<std::string_view>> split_fields(std::string_view text,
                                                          std::size_t at_most);

}
