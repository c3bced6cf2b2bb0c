#pragma once

#include <string>

#include "complaint.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::ctl {

outcome<std::string> read_bounded(const std::string& file, std::size_t limit);
outcome<std::string> ask_line(const std::string& prompt);
outcome<base::secret_bytes> ask_secret(const std::string& prompt);
outcome<base::secret_bytes> read_secret_from(const std::string& file);

}
