#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "common/endpoint.hpp"
#include "common/event_loop.hpp"
#include "gate/report.hpp"

namespace httvps::chaos {

struct gate_parts {
  bench::descriptor listener;
  bench::endpoint target;
  settings shape;
  std::uint64_t seed = 1;
};

class gate {
 public:
  explicit gate(gate_parts parts);
  void run();

 private:
  using owned = std::unique_ptr<connection>;
  using timer_key = std::tuple<base::steady_time, connection_id, direction>;

  void handle(const epoll_event& event);
  void handle_end(connection& subject, side which, std::uint32_t events);
  void work();

  void accept_all();
  void admit(bench::descriptor client, std::uint16_t client_port);
  void note_closes();
  bool connect_finished(connection& subject, std::uint32_t events);

  void wait_for_link(connection& subject, direction way);
  void serve_link(direction way);
  void receive(connection& subject, direction way);
  void take(connection& subject, direction way, base::byte_count size);
  base::byte_count readable_now(const connection_lane& lane, direction way) const;
  void swallow(connection& subject, side which);
  void release_due();
  void deliver(connection& subject, direction way);
  void deliver_everything();
  bool send_due(connection& subject, direction way);
  void end_when_due(connection& subject, direction way);
  void set_timer(connection& subject, direction way);

  void freeze(connection& subject);
  void cut(connection& subject, std::string_view cause);
  void cut_everything(std::string_view cause);
  void cut_on_time();
  void plan_next_cut();
  void no_longer_live(connection& subject, std::string_view cause);
  void forget(connection& subject);
  void drop_all(connection& subject);
  void end_lingering();

  void read_commands();
  std::string answer(const command& asked);
  void apply(const settings& wanted);
  std::string stats();
  connection* find(connection_id id);
  void limit(const limit_one& asked);
  void sleep_until_next();
  base::steady_time next_moment() const;

  bench::descriptor listener_;
  bench::endpoint target_;
  settings settings_;
  std::array<link, 2> links_;
  std::mt19937_64 cut_random_;
  bench::event_loop loop_;
  bench::descriptor clock_;
  base::steady_time now_;
  bool running_ = true;
  bool accepting_ = false;
  counters counts_;
  base::byte_count held_ = 0;
  std::map<connection_id, owned> connections_;
  std::vector<owned> gone_;
  std::deque<connection_report> history_;
  std::map<connection_id, limit_one> own_limits_;
  std::array<std::deque<connection_id>, 2> waiting_;
  std::set<timer_key> timers_;
  base::steady_time next_cut_ = base::steady_time::max();
  base::steady_time next_linger_check_ = base::steady_time::max();
  std::string input_;
};

}
