#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "httvps/base/slab.hpp"
#include "httvps/gateway/auth/revoked_devices.hpp"
#include "httvps/gateway/config/settings.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/control/membership.hpp"
#include "httvps/gateway/control/validation_line.hpp"
#include "httvps/gateway/protocol/front_door.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::gateway {

struct worker_plan {
  const gateway_settings& settings;
  std::size_t index = 0;
  base::slab_pool& pool;
  base::logger log;
  gateway_probe& probe;
  recognition_probe& recognitions;
  net::tls_context tls;
  session_directory& directory;
  neighbours& nearby;
  allowance_source& allowances;
  validation_cache& validated;
  grant_memory& grants;
  identity::box_key box_key;
  wire::process_epoch epoch{};
  std::shared_ptr<shadowsocks::aead_engine> engine = nullptr;
};

using successor_map = std::map<std::string, std::vector<std::string>>;

class worker {
 public:
  explicit worker(worker_plan plan);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  base::result<net::endpoint> listen(const net::endpoint& place);
  void start();
  void stop();

  net::executor executor() { return context_.get_executor(); }
  void use_credential(const base::secret_bytes& credential);
  void use(const membership& joined, identity::key_set keys);
  void publish(const published_policy& policy);
  void note_backend(base::steady_time heard);
  void end_session(std::uint64_t number, wire::errc code);
  void take_in(newcomer who);
  void revoke(const std::vector<device_withdrawal>& devices);
  void recheck(const recheck_order& wanted);
  void heed_rotation(const recheck_order& rotated);
  std::size_t session_count() const noexcept { return sessions_.size(); }
  std::vector<usage_row> collect_usage(std::size_t most) { return usage_.collect(most); }
  void acknowledge_usage(const std::vector<usage_row>& rows) { usage_.acknowledge(rows); }
  net::task<> stop_listening();
  net::task<> hand_on(base::steady_time until);
  std::vector<node_outcome> collect_outcomes(std::size_t most);
  net::task<> drain(std::chrono::milliseconds limit);
  net::task<std::vector<std::string>> hold_back();
  net::task<std::size_t> send_away(std::shared_ptr<const successor_map> known,
                                   std::chrono::milliseconds limit);
  net::task<> end_sessions();
  void take_in_again();

 private:
  struct key_holder {
    std::string device_id;
    std::string token;
  };
  using farewells = std::map<std::uint64_t, base::steady_time>;

  void furnish();
  void send_idle_away(farewells& told);
  net::task<> accept_loop();
  net::task<> watch_nodes();
  net::task<> renew_keys();
  net::task<bool> renew_old_keys();
  std::map<std::string, key_holder> holders_of_old_keys();
  base::steady_time key_is_old_before(const std::string& node) const;

  worker_plan plan_;
  usage_ledger usage_;
  node_dialer dialer_;
  datagram_engine datagrams_;
  stream_places places_;
  session_table sessions_;
  std::set<std::uint64_t> sent_away_;
  revoked_devices revoked_;
  std::unique_ptr<session_environment> environment_;
  std::unique_ptr<validation_line> validations_;
  std::unique_ptr<admission_desk> desk_;
  std::unique_ptr<front_door> door_;
  net::asio::io_context context_;
  net::asio::executor_work_guard<net::asio::io_context::executor_type> work_;
  std::unique_ptr<control_plane> control_;
  std::unique_ptr<net::tcp_listener> listener_;
  base::steady_time all_rotated_at_;
  std::map<std::string, base::steady_time> rotated_at_;
  net::event rotation_;
  net::scope scope_;
  std::thread thread_;
};

}
