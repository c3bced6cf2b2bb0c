#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "gateway_double.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/websocket_link.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::sdk::testing {

using control_handler = std::function<std::string(const std::string&)>;

struct double_setting {
  const gateway_rules& rules;
  gateway_counts& counts;
  control_handler control;
};

class double_session final : public std::enable_shared_from_this<double_session>,
                             private wire::data_sink {
 public:
  double_session(net::websocket_link carrier, double_setting setting);

  static net::task<> serve(std::shared_ptr<double_session> self);
  void cut();
  void go_away(std::chrono::milliseconds drain);

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
  base::result<> receive_once();
  base::result<> begin(base::byte_view& bytes);
  void drain_events();
  bool poll_events();
  bool take_in(wire::stream_id stream, served& each);
  void on_opened(const wire::stream_opened& opened);
  void work(wire::stream_id stream, served& each);
  void answer(wire::stream_id stream, served& each);
  void send_source(wire::stream_id stream, served& each);
  void flush();
  static net::task<> flush_later(std::shared_ptr<double_session> self);
  static net::task<> keep_time(std::shared_ptr<double_session> self);

  net::websocket_link carrier_;
  double_setting setting_;
  base::slab_pool pool_{64 * base::mebibyte};
  std::optional<wire::session> session_;
  wire::frame_reader reader_;
  wire::carrier_number number_{};
  std::map<wire::stream_id, served> streams_;
  net::scope tasks_;
  bool blocked_ = false;
  bool over_ = false;
};

}
