#pragma once

#include <string>
#include <string_view>

namespace httvps::backend::api {

inline constexpr std::string_view docs_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::string docs_page(std::string_view openapi);
std::string_view docs_style() noexcept;
std::string_view docs_script() noexcept;

}
