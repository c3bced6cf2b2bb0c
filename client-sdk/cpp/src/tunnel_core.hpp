#pragma once

#include <list>
#include <map>
#include <optional>
#include <vector>

#include "connection_places.hpp"
#include "datagram_flows.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/freeze_judge.hpp"
#include "httvps/sdk/freeze_memory.hpp"
#include "httvps/sdk/tunnel.hpp"

namespace httvps::sdk {

class tunnel::core final : public std::enable_shared_from_this<tunnel::core>,
                           private session_watcher {
 public:
  core(const net::executor& runs_on, tunnel_options chosen);

  void start();
  base::result<std::shared_ptr<session_link>> link_for_streams();
  std::unique_ptr<datagram_port> open_datagrams(datagram_handler& handler);
  tunnel_status status() const;
  static net::task<> ready(std::shared_ptr<core> self, base::steady_time deadline);
  static control_task<std::string> ask(std::shared_ptr<core> self, device_question question,
                                       base::steady_time deadline);
  static net::task<> stop(std::shared_ptr<core> self, base::steady_time deadline);

 private:
  struct event_handler;
  enum class shedding { gentle, abrupt };
  struct ordered_dial {
    carrier_kind kind{};
    std::shared_ptr<void> place;
    std::string gateway_id = {};
  };

  void on_session_event(const wire::session_event& event) override;
  void on_carrier_ended(const carriage::carrier_end& ended) override;
  void on_carrier_closed(wire::carrier_number number) override;
  void on_session_closed(const base::error& reason) override;
  void on_established(const wire::session_established& fresh);
  void follow_direct_host(const std::string& host);
  void on_ready(wire::carrier_number number);
  void on_closed(const wire::stream_closed& closed) const;
  void on_suspected(wire::carrier_number number);
  void on_restarted(const wire::session_restarted& again);
  void on_refused(const wire::session_refused& refused);
  void on_going_away(const wire::peer_going_away& leaving);
  void follow_successor(const std::vector<std::string>& named);
  void on_restricted();
  void on_policy(const wire::policy_received& heard);
  void keep_policy(const wire::policy_received& heard);
  void follow_policy();
  keeper_settings keeper_terms() const;

  std::shared_ptr<session_link> make_link(session_watcher* watcher);
  void choose_gateway();
  dial_order order_for(carrier_kind kind) const;
  static std::string network_of(const std::string& gateway_id, net::carrier_link& carrier);
  base::byte_count budget() const;
  void keep_budgets();
  void remember_freeze(session_link& link, wire::carrier_number number);
  void note_dial_failure(carrier_kind kind, const base::error& failure);
  base::steady_time follow_plan(const std::shared_ptr<session_link>& link);
  void take_in(const std::shared_ptr<session_link>& link,
               std::unique_ptr<net::carrier_link> carrier, ordered_dial order);
  bool is_usable() const noexcept;
  bool must_renew() const noexcept;
  bool has_place() const noexcept;
  void enter(tunnel_phase phase);
  void record_failure(const base::error& code, std::string sentence = {});
  void count_failure();
  void give_up(const base::error& reason);
  void note_totals(const session_link& link);
  void retire(std::shared_ptr<session_link> link, base::steady_time deadline);
  static void shed_carriers(session_link& link, shedding how);
  base::result<> adopt(const fresh_documents& fresh, std::string_view event);
  base::steady_time steady_moment_of(base::system_time moment) const;
  base::steady_time next_renewal() const;
  base::steady_time next_refresh() const;

  static net::task<> run(std::shared_ptr<core> self);
  static net::task<> connect_once(std::shared_ptr<core> self);
  static net::task<std::unique_ptr<net::carrier_link>> dial(std::shared_ptr<core> self,
                                                            carrier_kind kind);
  static net::task<> keep_carriers(std::shared_ptr<core> self, std::shared_ptr<session_link> link);
  static net::task<> dial_carrier(std::shared_ptr<core> self, std::shared_ptr<session_link> link,
                                  ordered_dial order);
  static net::task<> wait_for_place(std::shared_ptr<core> self);
  static net::task<> look_for_place(std::shared_ptr<core> self, base::steady_time deadline);
  static net::task<> pause(std::shared_ptr<core> self);
  static net::task<> renew_apart(std::shared_ptr<core> self);
  static net::task<> renew_over(std::shared_ptr<core> self, std::shared_ptr<session_link> link);
  static net::task<> ask_gateways_over(std::shared_ptr<core> self,
                                       std::shared_ptr<session_link> link);
  static net::task<> refresh_over(std::shared_ptr<core> self, std::shared_ptr<session_link> link);
  static net::task<> keep_fresh(std::shared_ptr<core> self);
  static net::task<> drain(std::shared_ptr<core> self, std::shared_ptr<session_link> link,
                           base::steady_time deadline);

  net::executor runs_on_;
  tunnel_options chosen_;
  keeper_settings own_carriers_;
  std::optional<wire::policy_received> unproved_policy_;
  std::shared_ptr<base::slab_pool> pool_;
  std::shared_ptr<datagram_flows> flows_ = std::make_shared<datagram_flows>();
  carrier_dialer dialer_;
  reconnect_backoff backoff_;
  connection_places places_;
  std::optional<carrier_keeper> keeper_;
  freeze_memory freezes_;
  freeze_judge judge_;
  std::string network_;
  std::string unknown_host_;
  std::map<wire::carrier_number, std::string> gateway_of_;
  base::error policy_failure_;
  base::error early_failure_;
  std::size_t early_losses_ = 0;
  std::uint64_t dialled_ = 0;
  std::uint64_t resumes_ = 0;
  round_trips round_trips_;
  std::shared_ptr<session_link> current_;
  std::vector<std::shared_ptr<session_link>> retired_;
  std::list<net::event*> waiting_;
  net::event wake_;
  net::event changed_;
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
  bool revoked_ = false;
  bool failure_told_ = false;
  bool stopping_ = false;
};

}
