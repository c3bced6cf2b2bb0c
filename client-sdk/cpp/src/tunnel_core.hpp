#pragma once

#include <list>
#include <vector>

#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/tunnel.hpp"

namespace httvps::sdk {

class tunnel::core final : public std::enable_shared_from_this<tunnel::core>,
                           private session_watcher {
 public:
  core(const net::executor& runs_on, tunnel_options chosen);

  void start();
  base::result<std::shared_ptr<session_link>> link_for_streams();
  tunnel_status status() const;
  static net::task<> ready(std::shared_ptr<core> self, base::steady_time deadline);
  static net::task<> stop(std::shared_ptr<core> self, base::steady_time deadline);

 private:
  void on_session_event(const wire::session_event& event) override;
  void on_session_closed(const base::error& reason) override;
  void on_established();
  void on_refused(const wire::session_refused& refused);
  void on_going_away(const wire::peer_going_away& leaving);
  void on_restricted();

  std::shared_ptr<session_link> make_link(session_watcher* watcher);
  dial_order next_order();
  bool is_usable() const noexcept;
  bool must_renew() const noexcept;
  void enter(tunnel_phase phase);
  void record_failure(const base::error& code, std::string sentence = {});
  void count_failure();
  void give_up(const base::error& reason);
  void note_totals(const session_link& link);
  void retire(std::shared_ptr<session_link> link, base::steady_time deadline);
  void adopt(const fresh_documents& fresh);
  base::steady_time next_renewal() const;

  static net::task<> run(std::shared_ptr<core> self);
  static net::task<> connect_once(std::shared_ptr<core> self);
  static net::task<std::unique_ptr<net::carrier_link>> dial(std::shared_ptr<core> self);
  static net::task<> session_over(std::shared_ptr<core> self);
  static net::task<> pause(std::shared_ptr<core> self);
  static net::task<> renew_apart(std::shared_ptr<core> self);
  static net::task<> renew_over(std::shared_ptr<core> self, std::shared_ptr<session_link> link);
  static net::task<> keep_fresh(std::shared_ptr<core> self);
  static net::task<> drain(std::shared_ptr<core> self, std::shared_ptr<session_link> link,
                           base::steady_time deadline);

  net::executor runs_on_;
  tunnel_options chosen_;
  std::shared_ptr<base::slab_pool> pool_;
  carrier_dialer dialer_;
  reconnect_backoff backoff_;
  std::shared_ptr<session_link> current_;
  std::vector<std::shared_ptr<session_link>> retired_;
  std::list<net::event*> waiting_;
  net::event wake_;
  net::event session_over_;
  net::event connected_;
  net::scope tasks_;

  tunnel_phase phase_ = tunnel_phase::waiting;
  std::size_t gateway_turn_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t sessions_ = 0;
  std::uint64_t streams_before_ = 0;
  base::byte_count up_before_ = 0;
  base::byte_count down_before_ = 0;
  std::chrono::seconds retry_after_{0};
  std::optional<base::system_time> connected_since_;
  std::optional<tunnel_failure> last_failure_;
  identity::gateway_entry gateway_;
  std::string gateway_address_;
  bool trusted_ = false;
  bool restricted_ = false;
  bool failure_told_ = false;
  bool stopping_ = false;
};

}
