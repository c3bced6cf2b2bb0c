#include "proxy_settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> proxy_properties() {
  return {{.name = "backend.trusted_proxies",
           .environment = "BACKEND_TRUSTED_PROXIES",
           .description = "Addresses and ranges of proxies in front of the backend, such as "
                          "127.0.0.1, 10.0.0.0/8: their X-Forwarded-For names the client for "
                          "limits and the audit log. Empty believes nobody."}};
}

void read_proxies(const base::settings& source, backend_settings& chosen,
                  std::vector<base::setting_problem>& problems) {
  const auto found = api::trusted_proxies::parse(source.text("backend.trusted_proxies"));
  if (!found) {
    problems.push_back({"backend.trusted_proxies",
                        "backend.trusted_proxies must be up to 64 addresses or ranges with a "
                        "prefix of 1 or more, such as 127.0.0.1, 10.0.0.0/8, fd00::/8."});
    return;
  }
  chosen.trusted_proxies = *found;
}

}
