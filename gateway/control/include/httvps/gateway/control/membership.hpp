#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::gateway {

struct membership {
  std::string gateway_id;
  base::secret_bytes credential;
  std::string path;
  std::string cookie;
  std::string root;
  std::string key_set;
  bool approved = false;
  base::secret_bytes former_credential = {};
  std::uint64_t revocation_version = 0;
};

base::result<void> store_membership(const std::string& state_dir, const membership& joined);
base::result<membership> load_membership(const std::string& state_dir);

}
