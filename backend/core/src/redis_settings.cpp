#include "redis_settings.hpp"

#include "httvps/identity/key_file.hpp"

namespace httvps::backend::core {
namespace {

base::result<shared::redis_address> load_redis_address(const std::string& file) {
  HTTVPS_TRY(const auto content, identity::load_secret_file(file));
  auto text = content.reveal_text();
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return shared::redis_address::parse(text);
}

}

std::vector<base::property> redis_properties() {
  return {
      {.name = "backend.redis_url",
       .environment = "BACKEND_REDIS_URL",
       .description = "Redis that several backends share for rate limits and session counts: "
                      "redis://HOST:PORT/DATABASE or unix:///PATH. Empty means the memory of this "
                      "process.",
       .kind = base::property_kind::secret},
      {.name = "backend.redis_url_file",
       .environment = "BACKEND_REDIS_URL_FILE",
       .description = "File that holds that address instead, mode 0600: for one with a user and a "
                      "password."},
  };
}

void read_redis(const base::settings& source, backend_settings& chosen,
                std::vector<base::setting_problem>& problems) {
  const auto& text = source.text("backend.redis_url");
  const auto& file = source.text("backend.redis_url_file");
  if (text.empty() && file.empty()) {
    return;
  }
  if (!text.empty() && !file.empty()) {
    problems.push_back(
        {"backend.redis_url", "Set either BACKEND_REDIS_URL or BACKEND_REDIS_URL_FILE, not both."});
    return;
  }
  auto address = file.empty() ? shared::redis_address::parse(text) : load_redis_address(file);
  if (!address) {
    problems.push_back(
        {file.empty() ? "backend.redis_url" : "backend.redis_url_file", address.error().message()});
    return;
  }
  chosen.redis = *std::move(address);
}

}
