#pragma once

#include <span>
#include <string>

#include "operation.hpp"

namespace httvps::ctl {

enum class output_form { table, json, yaml };

std::string to_table(const json::value& answer);
std::string to_yaml(const json::value& value);
std::string to_pretty_json(const json::value& value);
std::string render(const json::value& answer, output_form form);
void use_utf8() noexcept;
std::size_t width_of(std::string_view text) noexcept;
std::string align(std::span<const std::vector<std::string>> rows);

}
