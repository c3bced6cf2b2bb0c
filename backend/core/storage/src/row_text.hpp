#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cell.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::storage {

void append_row(std::string& text, const cells& row);
base::result<cells> parse_row(std::string_view text, std::span<const column_kind> kinds);

}
