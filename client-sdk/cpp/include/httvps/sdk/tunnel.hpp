#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "httvps/base/log.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/sdk/carrier_keeper.hpp"
#include "httvps/sdk/datagram_port.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/sdk/device_question.hpp"
#include "httvps/sdk/reconnect_backoff.hpp"
#include "httvps/sdk/round_trips.hpp"
#include "httvps/sdk/session_link.hpp"
#include "httvps/sdk/tunnel_stream.hpp"

namespace httvps::sdk {

enum class tunnel_phase { connecting, connected, resuming, waiting, stopped };

struct tunnel_failure {
  base::error code;
  std::string sentence;
  base::system_time at;
};

struct tunnel_status {
  tunnel_phase phase = tunnel_phase::waiting;
  std::optional<base::system_time> connected_since = std::nullopt;
  std::string gateway_id = {};
  std::string gateway_host = {};
  std::string gateway_address = {};
  std::size_t open_streams = 0;
  std::uint64_t streams_opened = 0;
  std::uint64_t sessions = 0;
  std::size_t carriers = 0;
  std::size_t connections = 0;
  std::uint64_t carriers_dialled = 0;
  std::uint64_t resumes = 0;
  base::byte_count down_budget = 0;
  base::byte_count bytes_up = 0;
  base::byte_count bytes_down = 0;
  std::optional<base::duration> round_trip = std::nullopt;
  round_trips measured = {};
  base::system_time token_expires = {};
  base::system_time lease_until = {};
  std::string region = {};
  std::optional<identity::policy_claims> policy = std::nullopt;
  base::error policy_failure = {};
  std::optional<tunnel_failure> last_failure = std::nullopt;
};

class tunnel_watcher {
 public:
  virtual ~tunnel_watcher() = default;
  virtual void on_tunnel_change(const tunnel_status& status) = 0;
};

struct tunnel_options {
  state_store store;
  device_account account;
  std::optional<net::endpoint> connect_to = std::nullopt;
  base::logger log = {};
  tunnel_watcher* watcher = nullptr;
  wire::session_limits limits = {};
  keeper_settings carriers = {};
  backoff_limits backoff = {};
  base::byte_count memory = 96 * base::mebibyte;
  std::chrono::milliseconds dial_patience = std::chrono::seconds(15);
  std::chrono::milliseconds welcome_patience = std::chrono::seconds(15);
  std::size_t waiters = 4096;
  base::clock& clock = base::real_clock();
  base::random_source& random = base::secure_random();
};

class tunnel final : public datagram_opener {
 public:
  tunnel(const net::executor& runs_on, tunnel_options chosen);
  tunnel(tunnel&&) noexcept;
  tunnel& operator=(tunnel&&) noexcept;
  ~tunnel() override;

  void start();
  net::task<> ready(base::steady_time deadline);
  base::result<stream_port> open(wire::target where, stream_handler& handler);
  base::result<tunnel_stream> open_stream(wire::target where);
  base::result<std::unique_ptr<datagram_port>> open_datagrams(datagram_handler& handler) override;
  control_task<std::string> ask(device_question question, base::steady_time deadline);
  tunnel_status status() const;
  net::task<> stop(base::steady_time deadline);

 private:
  class core;
  std::shared_ptr<core> core_;
};

}
