#pragma once

#include <string>
#include <string_view>

namespace httvps::backend::core {

std::string key_set_text_in(std::string_view content);

}
