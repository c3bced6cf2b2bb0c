#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "httvps/gateway/outline/predial.hpp"
#include "httvps/net/scope.hpp"
#include "node_reach.hpp"

namespace httvps::gateway {

class predial_pool : public std::enable_shared_from_this<predial_pool> {
 public:
  predial_pool(const base::clock& clock, const predial_settings& chosen, const predial_meter& meter)
      : clock_(clock), chosen_(chosen), meter_(meter) {}
  predial_pool(const predial_pool&) = delete;
  predial_pool& operator=(const predial_pool&) = delete;
  ~predial_pool() = default;

  std::optional<net::tcp_stream> take(const outline_node& node);
  void note_open(const shared_node& node, const net::executor& runs_on);
  void close() noexcept;

 private:
  struct idle_connection {
    net::tcp_stream socket;
    base::steady_time since;
  };
  struct supply {
    shared_node node;
    std::vector<base::steady_time> opens;
    std::vector<idle_connection> idle;
    std::size_t dialling = 0;

    base::steady_time last_open() const { return opens.back(); }
  };

  supply* supply_of(const outline_node& node) noexcept;
  supply& made_supply_of(const shared_node& node);
  std::size_t wanted(const supply& of) const;
  void refill(const shared_node& node);
  static net::task<> dial_ahead(std::shared_ptr<predial_pool> self, shared_node node);
  void keep(const outline_node& node, net::tcp_stream socket);
  bool is_cold(const supply& of) const;
  void sweep();
  void drop_old(supply& of);
  void arm();

  const base::clock& clock_;
  predial_settings chosen_;
  predial_meter meter_;
  std::vector<supply> supplies_;
  std::optional<net::scope> dials_;
  std::optional<net::asio::steady_timer> timer_;
  bool closed_ = false;
};

}
