#pragma once

#include <memory>
#include <optional>

#include "httvps/gateway/outline/connection.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"

namespace httvps::gateway {

class stream_relay final : public payload_sink,
                           public payload_source,
                           public std::enable_shared_from_this<stream_relay> {
 public:
  stream_relay(hosted_session& host, wire::stream_id stream, stream_places::place place)
      : host_(host), stream_(stream), place_(std::move(place)), meter_(host.terms_.meter) {}

  net::task<> run(shadowsocks::target where);
  std::size_t accept(base::byte_view payload);
  void finish();
  void stop_down();
  void wake();
  void go_on();
  void abort();
  std::size_t unsettled() const noexcept { return taken_up_ + taken_down_; }
  bool is_over() const noexcept { return up_done_ && down_done_; }

  base::byte_span reserve(std::size_t size) override;
  void commit(std::size_t count) override;
  base::byte_view peek() override;
  void consume(std::size_t count) override;

 private:
  bool reads_node() const noexcept { return !aborted_ && !down_stopped_; }
  net::task<> connect(shadowsocks::target where);
  const std::string& node_id() const;
  void count_for(const std::string& node_id);
  net::task<> pump_down();
  net::task<> pump_up();
  net::task<> wait_for_room();
  void push_up();
  void start_pump_up();
  net::task<> let_node_end();
  void fail(const base::error& failure);
  std::size_t take_up(std::size_t wanted);
  void return_unused();
  void hold_back();

  hosted_session& host_;
  wire::stream_id stream_;
  stream_places::place place_;
  std::shared_ptr<usage_meter> meter_;
  std::optional<node_connection> connection_;
  std::unique_ptr<net::event> room_;
  std::size_t taken_up_ = 0;
  std::size_t taken_down_ = 0;
  bool had_a_turn_ = false;
  bool held_back_up_ = false;
  bool held_back_down_ = false;
  bool pumping_up_ = false;
  bool finish_wanted_ = false;
  bool up_done_ = false;
  bool down_done_ = false;
  bool down_stopped_ = false;
  bool aborted_ = false;
};

}
