#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::carriage {

struct session_parts {
  net::executor runs_on;
  base::clock& clock;
  base::random_source& random;
  base::slab_pool& pool;
  wire::session_options options;
  std::shared_ptr<void> kept_alive = nullptr;
};

struct carrier_arrival {
  std::unique_ptr<net::carrier_link> link;
  wire::attachment how = {};
  base::byte_vector early = {};
  std::shared_ptr<void> lease = nullptr;
};

struct carrier_end {
  wire::carrier_number number{};
  base::error reason = {};
  net::traffic traffic = {};
  wire::carrier_facts facts = {};
  base::byte_count awaiting_repeat = 0;
};

class carried_session : public wire::data_sink,
                        public std::enable_shared_from_this<carried_session> {
 public:
  carried_session(const carried_session&) = delete;
  carried_session& operator=(const carried_session&) = delete;
  ~carried_session() override;

  base::result<> attach(carrier_arrival& arrival);
  void retire_carrier(wire::carrier_number number);
  void drop_carrier(wire::carrier_number number, const base::error& reason);
  void finish(wire::errc code);
  net::task<> join(base::steady_time deadline);

  std::size_t carrier_count() const noexcept { return slots_.size(); }
  net::traffic traffic_of(wire::carrier_number number) const;
  net::executor get_executor() const { return runs_on_; }
  base::clock& clock() const noexcept { return clock_; }

 protected:
  explicit carried_session(session_parts parts);

  virtual void on_event(const wire::session_event& event) = 0;
  virtual void on_carrier_end(const carrier_end& ended) = 0;
  virtual void on_carrier_closed(wire::carrier_number) {}
  virtual void on_violation(const base::error& failure) = 0;

  wire::session& session() noexcept { return session_; }
  const wire::session& session() const noexcept { return session_; }
  net::scope& tasks() noexcept { return tasks_; }
  net::carrier_link* link_of(wire::carrier_number number) const noexcept;
  base::steady_time now() const { return clock_.steady_now(); }
  void progress();
  void progress_soon();
  void flush_now();

 private:
  struct carrier_slot;
  using shared_slot = std::shared_ptr<carrier_slot>;

  static net::task<> read_loop(std::shared_ptr<carried_session> self, shared_slot slot);
  static net::task<> wait_until_writable(std::shared_ptr<carried_session> self, shared_slot slot);
  static net::task<> shut(std::shared_ptr<carried_session> self, shared_slot slot);
  static net::task<> close_link(std::shared_ptr<carried_session> self, shared_slot slot,
                                base::steady_time deadline);
  static net::task<> send_rest(std::shared_ptr<carried_session> self, shared_slot slot,
                               base::steady_time deadline);

  base::result<> receive_once(carrier_slot& slot);
  void dispatch();
  void handle_own(const wire::session_event& event);
  void flush(const shared_slot& slot);
  base::result<net::send_state> send_on(carrier_slot& slot);
  base::byte_count allowance_of(carrier_slot& slot);
  void note_taken(carrier_slot& slot);
  void arm_timer();
  void on_timer();
  carrier_end end_of(carrier_slot& slot, const base::error& reason) const;
  void lose(const shared_slot& slot, const base::error& reason);
  void close_gently(const shared_slot& slot);
  void close_all();
  shared_slot find(wire::carrier_number number) const noexcept;

  std::shared_ptr<void> kept_alive_;
  net::executor runs_on_;
  base::clock& clock_;
  bool greets_alone_;
  wire::session session_;
  net::scope tasks_;
  boost::asio::steady_timer timer_;
  base::steady_time armed_for_ = net::no_deadline;
  std::vector<shared_slot> slots_;
  bool progress_posted_ = false;
  bool dispatching_ = false;
  bool over_ = false;
};

}
