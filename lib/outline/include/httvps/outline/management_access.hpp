#pragma once

#include <string_view>

#include "httvps/base/secret.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/net/tls_context.hpp"
#include "httvps/outline/errc.hpp"

namespace httvps::outline {

struct management_access {
  net::endpoint place;
  base::secret_bytes path;
  net::certificate_digest certificate{};
};

base::result<management_access> parse_access(std::string_view api_url,
                                             std::string_view certificate_sha256);
base::result<management_access> parse_installer_text(std::string_view text);

}
