#pragma once

#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::base {

inline constexpr auto exposed_file = std::errc::operation_not_permitted;

enum class file_origin { operator_or_program, this_program };

struct private_file_rules {
  std::size_t most = 0;
  file_origin origin = file_origin::operator_or_program;
};

result<secret_bytes> read_private_file(const std::string& path, const private_file_rules& rules);
result<> replace_private_file(const std::string& path, const secret_bytes& content);
result<> check_private_folder(const std::string& path);

}
