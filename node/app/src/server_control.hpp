#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "httvps/base/log.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/node/config/settings.hpp"
#include "httvps/node/control/retry_pause.hpp"
#include "httvps/node/keys/server_metrics.hpp"
#include "server_child.hpp"

namespace httvps::node {

struct server_reading {
  server_metrics metrics;
  std::string process;
};

struct server_events {
  std::function<void()> gone;
  std::function<void()> reloaded;
};

class server_control {
 public:
  static base::result<std::unique_ptr<server_control>> make(const net::executor& runs_on,
                                                            const node_settings& settings,
                                                            const base::logger& log,
                                                            server_events events);

  net::task<> reload();
  net::task<server_reading> read();
  net::task<> keep_running();
  net::task<> stop(base::steady_time deadline);

 private:
  server_control(const net::executor& runs_on, const node_settings& settings,
                 const base::logger& log, server_events events, net::http_client metrics);

  bool is_ours() const noexcept { return !settings_.server_program.empty(); }
  std::string identity() const;
  net::task<> wait_until_it_takes_signals();

  const node_settings& settings_;
  base::logger log_;
  server_events events_;
  net::http_client metrics_;
  server_child child_;
  net::event started_;
  retry_pause pause_;
  bool answered_ = false;
  bool stopping_ = false;
};

}
