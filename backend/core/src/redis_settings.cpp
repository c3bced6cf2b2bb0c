#include "redis_settings.hpp"

#include <boost/asio/ip/address.hpp>

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

constexpr std::string_view clear_password_advice =
    "The password of Redis and what it guards cross the network in clear. Use a socket of this "
    "host (unix:///PATH), or redis://127.0.0.1 with a tunnel such as stunnel or WireGuard.";

bool is_loopback(const std::string& host) {
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(host, failure);
  return failure ? host == "localhost" : address.is_loopback();
}

}

bool sends_password_in_clear(const shared::redis_address& address) {
  return address.over == shared::redis_transport::tcp && !address.password.empty() &&
         !is_loopback(address.host);
}

void warn_of_redis(const backend_settings& chosen, const base::logger& log) {
  if (chosen.redis && sends_password_in_clear(*chosen.redis)) {
    log.warn("redis_password_in_clear",
             {{"host", chosen.redis->host}, {"advice", clear_password_advice}});
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
