#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/sdk/stream_port.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::sdk {

class session_watcher {
 public:
  virtual ~session_watcher() = default;
  virtual void on_session_event(const wire::session_event& event) = 0;
  virtual void on_session_closed(const base::error& reason) = 0;
};

struct session_link_options {
  std::shared_ptr<base::slab_pool> pool;
  session_watcher* watcher = nullptr;
  wire::session_limits limits = {.detached_for = std::chrono::milliseconds(0)};
  base::clock& clock = base::real_clock();
  base::random_source& random = base::secure_random();
};

struct session_facts {
  std::size_t open_streams = 0;
  wire::session_counters counters = {};
  std::optional<base::duration> round_trip = std::nullopt;
  net::traffic carrier_traffic = {};
};

class session_link final : public std::enable_shared_from_this<session_link>,
                           private wire::data_sink {
 public:
  static std::shared_ptr<session_link> make(const net::executor& runs_on,
                                            const session_link_options& chosen);
  session_link(const session_link&) = delete;
  session_link& operator=(const session_link&) = delete;
  ~session_link() override = default;

  base::result<stream_port> open(wire::target where, stream_handler& handler);
  base::result<> attach(std::unique_ptr<net::carrier_link> carrier);
  void fail(wire::errc reason);
  net::task<> close(base::steady_time deadline);
  void forget_watcher() noexcept { watcher_ = nullptr; }

  bool is_attached() const noexcept { return carrier_ != nullptr && !closed_; }
  bool is_established() const noexcept { return session_.established() && !closed_; }
  bool is_closed() const noexcept { return closed_; }
  bool is_idle() const noexcept { return handlers_.empty() && session_.open_streams() == 0; }
  session_facts facts() const;
  net::executor get_executor() const { return runs_on_; }
  base::clock& clock() const noexcept { return clock_; }
  net::carrier_link* carrier() const noexcept { return carrier_.get(); }

 private:
  friend class stream_port;
  struct listener {
    stream_handler* handler = nullptr;
    bool finished_here = false;
    bool finished_there = false;
  };

  session_link(const net::executor& runs_on, const session_link_options& chosen);

  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;
  base::result<> receive_once();
  void schedule_pump();
  void pump();
  void dispatch_events();
  void dispatch(const wire::session_event& event);
  void tell(wire::stream_id stream, const stream_change& change);
  void tell_finished(wire::stream_id stream);
  void tell_stopped(const wire::stream_stopped& halted);
  void tell_failed(const wire::stream_reset& broken);
  void send_output();
  void arm_timer();
  void on_timer();
  void lose(const base::error& reason);
  void close_down();

  void finish_stream(wire::stream_id stream);
  void stop_stream(wire::stream_id stream, wire::errc code);
  void release_stream(wire::stream_id stream);
  void reset_stream(wire::stream_id stream, wire::errc code);

  static net::task<> read_loop(std::shared_ptr<session_link> self);
  static net::task<> write_loop(std::shared_ptr<session_link> self);
  static net::task<> shut(std::shared_ptr<session_link> self, base::steady_time deadline);

  net::executor runs_on_;
  base::clock& clock_;
  std::shared_ptr<base::slab_pool> pool_;
  session_watcher* watcher_;
  wire::session session_;
  wire::carrier_number number_{1};
  std::unique_ptr<net::carrier_link> carrier_;
  std::unordered_map<wire::stream_id, listener> handlers_;
  boost::asio::steady_timer timer_;
  base::steady_time armed_for_ = net::no_deadline;
  net::event writable_;
  net::scope tasks_;
  base::error loss_;
  bool pump_scheduled_ = false;
  bool write_blocked_ = false;
  bool closed_ = false;
};

}
