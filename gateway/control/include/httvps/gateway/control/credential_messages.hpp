#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::gateway {

struct renewed_credential {
  base::secret_bytes credential;
  std::optional<std::chrono::seconds> lasts = {};
};

base::result<renewed_credential> decode_renewal(std::string_view body);

}
