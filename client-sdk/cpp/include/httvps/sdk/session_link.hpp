#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/carriage/carried_session.hpp"
#include "httvps/sdk/stream_port.hpp"

namespace httvps::sdk {

class session_watcher {
 public:
  virtual ~session_watcher() = default;
  virtual void on_session_event(const wire::session_event& event) = 0;
  virtual void on_carrier_ended(const carriage::carrier_end& ended) = 0;
  virtual void on_carrier_closed(wire::carrier_number number) = 0;
  virtual void on_session_closed(const base::error& reason) = 0;
};

class datagram_listener {
 public:
  virtual ~datagram_listener() = default;
  virtual void on_datagram(const wire::datagram_frame& datagram) = 0;
};

struct session_link_options {
  std::shared_ptr<base::slab_pool> pool;
  session_watcher* watcher = nullptr;
  std::shared_ptr<datagram_listener> datagrams = nullptr;
  wire::session_limits limits = {};
  base::clock& clock = base::real_clock();
  base::random_source& random = base::secure_random();
};

struct session_facts {
  std::size_t open_streams = 0;
  wire::session_counters counters = {};
  std::optional<base::duration> round_trip = std::nullopt;
  std::vector<wire::carrier_facts> carriers = {};
};

class session_link final : public carriage::carried_session {
 public:
  static std::shared_ptr<session_link> make(const net::executor& runs_on,
                                            const session_link_options& chosen);

  base::result<stream_port> open(wire::target where, stream_handler& handler);
  base::result<wire::carrier_number> attach_carrier(std::unique_ptr<net::carrier_link> carrier,
                                                    base::byte_count down_budget = 0,
                                                    std::shared_ptr<void> place = nullptr);
  void use_keepalive(wire::keepalive_range range) noexcept { session().use_keepalive(range); }
  bool send_datagram(const wire::datagram_frame& datagram);
  net::carrier_link* carrier(wire::carrier_number number) const noexcept { return link_of(number); }
  void fail(wire::errc reason) { finish(reason); }
  net::task<> close(base::steady_time deadline);
  void forget_watcher() noexcept { watcher_ = nullptr; }

  bool is_attached() const noexcept { return carrier_count() > 0 && !closed_; }
  bool is_established() const noexcept { return session().established() && !closed_; }
  bool is_closed() const noexcept { return closed_; }
  bool is_idle() const noexcept { return handlers_.empty() && session().open_streams() == 0; }
  session_facts facts() const;

 private:
  friend class stream_port;
  friend struct link_event_handler;
  struct listener {
    stream_handler* handler = nullptr;
    bool finished_here = false;
    bool finished_there = false;
  };

  session_link(const net::executor& runs_on, const session_link_options& chosen);

  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;
  void on_datagram(const wire::datagram_frame& datagram) override;
  void on_event(const wire::session_event& event) override;
  void on_carrier_end(const carriage::carrier_end& ended) override;
  void on_carrier_closed(wire::carrier_number number) override;
  void on_violation(const base::error& failure) override;

  void tell(wire::stream_id stream, const stream_change& change);
  void tell_finished(wire::stream_id stream);
  void tell_stopped(const wire::stream_stopped& halted);
  void tell_failed(const wire::stream_reset& broken);
  void close_down(const base::error& reason);

  void finish_stream(wire::stream_id stream);
  void stop_stream(wire::stream_id stream, wire::errc code);
  void release_stream(wire::stream_id stream);
  void reset_stream(wire::stream_id stream, wire::errc code);

  session_watcher* watcher_;
  std::shared_ptr<datagram_listener> datagrams_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<wire::stream_id, listener> handlers_;
  std::map<wire::carrier_number, std::shared_ptr<void>> places_;
  base::error loss_;
  bool closed_ = false;
};

}
