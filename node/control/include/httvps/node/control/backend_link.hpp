#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "httvps/base/secret.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/net/task.hpp"
#include "httvps/node/control/messages.hpp"

namespace httvps::node {

inline constexpr auto backend_call_limit = std::chrono::seconds(10);

struct config_query {
  std::uint64_t revision = 0;
  std::chrono::milliseconds wait{0};
  std::string x25519_public;
};

class backend_link {
 public:
  using observer = std::function<void(std::chrono::duration<double>, const base::error&)>;

  backend_link(net::http_client client, observer watch);

  void use_credential(base::secret_bytes credential) { credential_ = std::move(credential); }

  net::task<std::optional<std::string>> fetch_config(config_query query);
  net::task<credential_notice> send_heartbeat(const node_heartbeat& beat);
  net::task<renewed_credential> renew_credential();
  net::task<> send_notice(const rollout_notice& notice);
  net::task<> send_counters(const counter_report& report);

 private:
  net::task<std::string> post(std::string path, std::string body);
  net::task<> deliver(std::string path, std::string body);
  net::task<credential_notice> beat_once(std::string body);
  net::task<net::http_response> exchange(net::http_request request, base::duration limit);

  net::http_client client_;
  observer watch_;
  base::secret_bytes credential_;
};

}
