#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "credential_store.hpp"
#include "disk_state.hpp"
#include "httvps/base/log.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/event.hpp"
#include "httvps/node/config/settings.hpp"
#include "httvps/node/control/backend_link.hpp"
#include "httvps/node/control/retry_pause.hpp"
#include "httvps/node/keys/key_counters.hpp"
#include "httvps/node/keys/key_rollout.hpp"
#include "probe.hpp"
#include "server_control.hpp"

namespace httvps::node {

struct agent_parts {
  const node_settings& settings;
  base::logger log;
  probe& counts;
  disk_state disk;
  identity::box_key box;
  key_counters counters;
  net::http_client backend;
};

class agent_core {
 public:
  static base::result<std::unique_ptr<agent_core>> make(const net::executor& runs_on,
                                                        agent_parts parts);

  void resume();
  net::task<> follow_config();
  net::task<> roll_out();
  net::task<> notify_backend();
  net::task<> beat();
  net::task<> report_counters();
  net::task<> keep_server_running() { return server_->keep_running(); }
  net::task<> leave(base::steady_time deadline);

  const key_rollout& rollout() const noexcept { return rollout_; }
  double credential_seconds_left() const;
  bool is_ready() const noexcept { return rollout_.running_revision() != 0 && server_seen_; }

 private:
  agent_core(const net::executor& runs_on, agent_parts parts);

  base::result<void> open_server(const net::executor& runs_on);
  void adopt(wanted_keys wanted);
  void note(std::string_view part, const base::error& failure);
  void clear(std::string_view part);
  void use_credential(base::result<base::secret_bytes> chosen);
  void note_refusal(const base::secret_bytes& shown, const base::error& outcome);
  void note_end(std::optional<std::chrono::seconds> lasts);
  void drop_server();
  void announce();

  net::task<> poll_once();
  net::task<> take_document(std::string document);
  net::task<> write_services();
  net::task<> reload_server();
  net::task<> confirm();
  net::task<> read_server();
  net::task<> follow_credential(credential_notice heard);
  net::task<> renew_credential();
  net::task<> keep_counters();
  net::task<> send_counters();
  net::task<> rest_until(base::steady_time moment);
  node_heartbeat make_heartbeat() const;

  struct renewal {
    std::optional<base::steady_time> ends_at;
    base::steady_time next_try{};
    base::duration pause{};
  };

  agent_parts parts_;
  net::executor runs_on_;
  credential_store store_;
  base::secret_bytes credential_;
  renewal renewal_;
  backend_link link_;
  net::blocking_pool disk_pool_{{.threads = 1, .queue_limit = 16}};
  std::unique_ptr<server_control> server_;
  key_rollout rollout_;
  net::event rollout_changed_;
  net::event notice_due_;
  std::map<std::string, std::string, std::less<>> problems_;
  std::string kept_counters_;
  rollout_report announced_;
  std::uint64_t active_ = 0;
  base::steady_time started_ = base::real_clock().steady_now();
  bool server_seen_ = false;
};

}
