#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/secret.hpp"
#include "httvps/gateway/control/credential_messages.hpp"
#include "httvps/gateway/control/errc.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/control/place_messages.hpp"
#include "httvps/gateway/control/session_messages.hpp"
#include "httvps/gateway/control/successors.hpp"
#include "httvps/gateway/control/validations.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/net/task.hpp"

namespace httvps::gateway {

inline constexpr auto control_call_limit = std::chrono::seconds(5);

struct config_poll {
  std::uint64_t rev = 0;
  std::chrono::seconds wait{30};
};

struct device_session {
  std::string token;
  std::string session_digest;
};

class control_plane {
 public:
  using observer = std::function<void(std::chrono::duration<double>, const base::error&)>;

  control_plane(net::http_client client, identity::box_key key, observer watch);

  void use_credential(base::secret_bytes credential) { credential_ = std::move(credential); }
  void use_epoch(std::string epoch) { epoch_ = std::move(epoch); }

  net::task<membership> join(join_request request);
  net::task<published_config> config();
  net::task<std::optional<published_config>> poll_config(config_poll wanted);
  net::task<heartbeat_answer> send_heartbeat(heartbeat beat);
  net::task<renewed_credential> renew_credential();
  net::task<> report_place(gateway_place place);
  net::task<validation> validate(std::string token, std::string session_digest);
  net::task<validation_list> validate_together(std::vector<device_session> asked);
  net::task<assignment> assign(std::string token, std::string region);
  net::task<usage_answer> report(usage_batch batch);
  net::task<> report_outcomes(std::vector<node_outcome> outcomes);
  net::task<lease_answer> lease(lease_request request);
  net::task<std::vector<device_successors>> successors(std::vector<std::string> devices);
  net::task<session_report_answer> report_sessions(session_report report);
  net::task<net::http_response> forward(net::http_request request);

 private:
  enum class caller { anonymous, gateway };
  struct call {
    std::string method;
    std::string path;
    std::string body;
    caller by = caller::gateway;
    std::chrono::seconds patience{0};
  };

  net::task<std::string> exchange(call what);
  net::task<net::http_response> ask(call what);
  net::task<net::http_response> send(net::http_request request, std::chrono::seconds patience);

  net::http_client client_;
  identity::box_key key_;
  observer watch_;
  base::secret_bytes credential_;
  std::string epoch_;
};

}
