#pragma once

#include <functional>
#include <string>

#include "complaint.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::ctl {

struct profile {
  std::string server;
  std::string ca_file;
  base::secret_bytes token;
};

using environment_lookup = std::function<const char*(const char*)>;

outcome<std::string> profile_path(const environment_lookup& environment);
outcome<profile> load_profile(const std::string& path, const std::string& name);
outcome<> save_profile(const std::string& path, const std::string& name, const profile& kept);
outcome<base::secret_bytes> load_token_file(const std::string& path);

}
