#pragma once

#include <functional>
#include <memory>
#include <string>

#include "httvps/base/metrics.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/http_server.hpp"

namespace httvps::backend::core {

class metrics_front {
 public:
  static base::result<std::unique_ptr<metrics_front>> open(const net::executor& runs_on,
                                                           const std::string& listen,
                                                           const base::metric_registry& metrics);
  metrics_front(const metrics_front&) = delete;
  metrics_front& operator=(const metrics_front&) = delete;
  ~metrics_front();

  std::string address() const;
  net::task<> stop(base::steady_time deadline);

 private:
  explicit metrics_front(const base::metric_registry& metrics);

  const base::metric_registry& metrics_;
  net::blocking_pool pool_;
  std::unique_ptr<net::http_server> server_;
};

}
