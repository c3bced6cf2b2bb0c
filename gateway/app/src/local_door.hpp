#pragma once

#include <memory>
#include <optional>
#include <string>

#include "httvps/base/log.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/sessions/admission.hpp"
#include "httvps/gateway/sessions/neighbour.hpp"
#include "httvps/net/local.hpp"
#include "httvps/net/local_link.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {

class local_neighbours final : public neighbours {
 public:
  explicit local_neighbours(std::string folder) : folder_(std::move(folder)) {}

  base::result<std::unique_ptr<net::carrier_link>> reach(const net::executor& runs_on,
                                                         const wire::process_epoch& epoch) override;

 private:
  std::string folder_;
};

struct local_door_parts {
  base::logger log;
  gateway_probe& probe;
  session_directory& directory;
  std::string folder;
  wire::process_epoch epoch{};
  std::size_t arriving_most = 256;
  base::duration introduction_limit = std::chrono::seconds(5);
};

class local_door {
 public:
  local_door(const net::executor& runs_on, local_door_parts parts);
  local_door(const local_door&) = delete;
  local_door& operator=(const local_door&) = delete;
  ~local_door() { close(); }

  base::result<> open();
  net::task<> run();
  void close() noexcept;

 private:
  using arrived_link = std::unique_ptr<net::carrier_link>;

  base::result<> prepare_folder() const;
  void sweep() const;
  net::task<> serve(net::tcp_stream socket);
  net::task<introduction_reader> read_introduction(net::carrier_link* link);
  net::task<> place(arrived_link link, introduction who, greeting hello);

  net::executor runs_on_;
  local_door_parts parts_;
  net::scope visits_;
  std::optional<net::local_listener> listener_;
};

}
