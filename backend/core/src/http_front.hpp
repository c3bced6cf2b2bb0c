#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/api/control_api.hpp"
#include "httvps/base/log.hpp"

namespace httvps::backend::core {

struct http_front_options {
  std::string listen;
  std::string address_file;
  std::size_t threads = 4;
  std::size_t queue = 256;
  std::size_t waiting_polls = 512;
  std::chrono::milliseconds request_deadline{10000};
  std::chrono::milliseconds drain{10000};
};

struct chore {
  std::string_view name;
  std::chrono::milliseconds pause;
  std::function<base::result<>()> work;
};

class http_front {
 public:
  http_front(http_front_options chosen, const api::control_api& api, base::logger log)
      : chosen_(std::move(chosen)), api_(api), log_(std::move(log)) {}

  base::result<> run(const std::vector<chore>& chores);

 private:
  http_front_options chosen_;
  const api::control_api& api_;
  base::logger log_;
};

base::result<> write_address_file(const std::string& path, const std::string& address);

}
