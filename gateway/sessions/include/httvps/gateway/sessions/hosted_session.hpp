#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "httvps/base/log.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/outline/dialer.hpp"
#include "httvps/gateway/sessions/stream_places.hpp"
#include "httvps/gateway/sessions/usage_ledger.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::gateway {

class stream_relay;
class control_exchange;

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
  stream_places& places;
  wire::process_epoch epoch{};
  std::string direct_host;
};

enum class admission { everything, control_only };

struct session_terms {
  std::uint64_t number = 0;
  wire::session_id id{};
  std::string device_id;
  std::string token;
  admission admits = admission::control_only;
  std::shared_ptr<outline_node> node;
};

class hosted_session final : public wire::data_sink,
                             public std::enable_shared_from_this<hosted_session> {
 public:
  hosted_session(session_environment& environment, session_terms terms);
  ~hosted_session() override;

  net::task<> run(std::unique_ptr<net::carrier_link> link, wire::attachment how,
                  base::byte_vector early);
  void leave(wire::errc code, std::chrono::milliseconds drain);
  void end(wire::errc code);

  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;

  const session_terms& terms() const noexcept { return terms_; }
  std::size_t open_streams() const noexcept { return session_.open_streams(); }

 private:
  friend class stream_relay;
  friend class control_exchange;

  base::steady_time now() const { return environment_.clock.steady_now(); }
  void after_progress();
  void handle(const wire::session_event& event);
  void start_stream(const wire::stream_opened& opened);
  void start_relay(wire::stream_id stream, shadowsocks::target where);
  void start_control(wire::stream_id stream);
  void refuse_stream(wire::stream_id stream, wire::errc code);
  void end_stream(wire::stream_id stream);
  void forget(wire::stream_id stream);

  void flush_soon();
  void flush();
  net::task<> flush_when_writable();
  net::task<> keep_time();
  net::task<> read_until_closed();
  base::result<net::link_state> receive_once();
  void note_failure(const base::error& failure);
  net::task<> close_down();
  void end_streams();
  net::task<> close_after(base::duration pause);

  session_environment& environment_;
  session_terms terms_;
  wire::session session_;
  wire::carrier_number carrier_{};
  std::unique_ptr<net::carrier_link> link_;
  net::scope scope_;
  net::event timer_;
  base::steady_time armed_ = base::steady_time::max();
  std::unordered_map<wire::stream_id, std::shared_ptr<stream_relay>> relays_;
  std::unordered_map<wire::stream_id, std::shared_ptr<control_exchange>> exchanges_;
  std::optional<wire::errc> ended_by_;
  bool flush_posted_ = false;
  bool waits_writable_ = false;
  bool leaving_ = false;
};

}
