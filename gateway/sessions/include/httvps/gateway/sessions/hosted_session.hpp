#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/carriage/carried_session.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/outline/datagram_relay.hpp"
#include "httvps/gateway/outline/dialer.hpp"
#include "httvps/gateway/sessions/published_policy.hpp"
#include "httvps/gateway/sessions/stream_places.hpp"
#include "httvps/gateway/sessions/usage_ledger.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/net/event.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::gateway {

class stream_relay;
class control_exchange;
class datagram_bridge;
class throttle;

struct session_environment {
  net::executor runs_on;
  base::clock& clock;
  base::random_source& random;
  base::slab_pool& pool;
  base::logger log;
  gateway_probe& probe;
  usage_ledger& usage;
  control_plane& control;
  node_dialer& dialer;
  datagram_engine& datagrams;
  stream_places& places;
  wire::process_epoch epoch{};
  std::string direct_host;
  wire::session_limits limits = {};
  published_policy policy = {};
};

enum class admission { everything, control_only };

struct session_terms {
  std::uint64_t number = 0;
  wire::session_id id{};
  std::string device_id;
  std::string token;
  admission admits = admission::control_only;
  exit_nodes nodes;
  std::shared_ptr<usage_meter> meter = std::make_shared<usage_meter>();
  session_allowance allowance = {};
  std::string subscription_id = {};
  std::string plan_id = {};
  std::optional<base::system_time> ends_at = {};
  std::chrono::seconds recheck{900};
  base::steady_time asked_at{};
};

struct renewed_terms {
  session_allowance allowance;
  std::string subscription_id;
  std::string plan_id;
  std::optional<base::system_time> ends_at = {};
  std::chrono::seconds recheck{900};
  base::steady_time asked_at{};
};

class hosted_session;

class session_registrar {
 public:
  virtual ~session_registrar() = default;
  virtual void note_attachment(hosted_session& session) = 0;
  virtual void strike_out(hosted_session& session) = 0;
};

class hosted_session final : public carriage::carried_session {
 public:
  hosted_session(session_environment& environment, session_terms terms,
                 session_registrar& registrar);
  ~hosted_session() override;

  base::result<> start(carriage::carrier_arrival& first);
  base::result<> join(carriage::carrier_arrival& next);
  void leave(wire::errc code, std::chrono::milliseconds drain,
             std::vector<std::string> successors = {});
  void end(wire::errc code);
  void end_with_notice(wire::errc code, std::string sentence);
  void take_terms(renewed_terms fresh);
  void tell_policy();
  void use_token(std::string token) { terms_.token = std::move(token); }

  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;
  void on_datagram(const wire::datagram_frame& datagram) override;

  const session_terms& terms() const noexcept { return terms_; }
  std::size_t open_streams() const noexcept { return session().open_streams(); }
  bool is_detached() const noexcept { return detached_; }

 private:
  friend class stream_relay;
  friend class control_exchange;
  friend class datagram_bridge;
  friend struct session_event_handler;

  void on_event(const wire::session_event& event) override;
  void on_carrier_end(const carriage::carrier_end& ended) override;
  void on_violation(const base::error& failure) override;

  void start_stream(const wire::stream_opened& opened);
  void start_relay(wire::stream_id stream, shadowsocks::target where);
  void start_control(wire::stream_id stream);
  void refuse_stream(wire::stream_id stream, wire::errc code);
  void end_stream(wire::stream_id stream);
  void forget(wire::stream_id stream);
  void spawn(net::task<> work);
  enum class turn { had, missed };
  void hold_back(wire::stream_id stream, turn last);
  static net::task<> pace(std::weak_ptr<carriage::carried_session> weak);
  void go_on();
  std::size_t unsettled() const;
  void note_detached(bool detached);
  void publish_policy();
  void close_down(wire::errc code);
  void end_streams();
  static net::task<> drop_carriers_at(std::weak_ptr<carriage::carried_session> weak,
                                      base::steady_time moment);
  void drop_carriers();

  session_environment& environment_;
  session_terms terms_;
  session_registrar& registrar_;
  std::unordered_map<wire::stream_id, std::shared_ptr<stream_relay>> relays_;
  std::unordered_map<wire::stream_id, std::shared_ptr<control_exchange>> exchanges_;
  std::unique_ptr<datagram_bridge> datagrams_;
  std::unique_ptr<throttle> throttle_;
  std::vector<wire::stream_id> held_back_;
  std::size_t missed_turns_ = 0;
  bool pacing_ = false;
  bool detached_ = false;
};

}
