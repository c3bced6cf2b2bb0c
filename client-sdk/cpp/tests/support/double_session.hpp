#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "gateway_double.hpp"
#include "httvps/carriage/carried_session.hpp"

namespace httvps::sdk::testing {

using control_handler = std::function<std::string(const std::string&)>;

struct double_setting {
  const gateway_rules& rules;
  gateway_counts& counts;
  control_handler control;
};

class double_session final : public carriage::carried_session {
 public:
  double_session(const net::executor& runs_on, wire::session_options options,
                 double_setting setting);

  void cut();
  void go_away(std::chrono::milliseconds drain);
  void publish(const told_policy& policy);
  bool is_over() const noexcept { return over_; }

 private:
  enum class behaviour { echo, count, source, stall, control };
  struct served {
    behaviour does = behaviour::echo;
    base::byte_count received = 0;
    base::byte_count to_send = 0;
    std::string text;
    bool finished = false;
    bool answered = false;
  };

  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;
  void on_datagram(const wire::datagram_frame& datagram) override;
  void on_event(const wire::session_event& event) override;
  void on_carrier_end(const carriage::carrier_end&) override {}
  void on_violation(const base::error&) override {}
  void work_soon();
  void work_on_all();
  bool take_in(wire::stream_id stream, served& each);
  double_session(const net::executor& runs_on, wire::session_options options,
                 double_setting setting, std::shared_ptr<base::slab_pool> pool);
  void on_opened(const wire::stream_opened& opened);
  void work(wire::stream_id stream, served& each);
  void answer(wire::stream_id stream, served& each);
  void send_source(wire::stream_id stream, served& each);

  double_setting setting_;
  std::map<wire::stream_id, served> streams_;
  bool work_posted_ = false;
  bool over_ = false;
};

}
