#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/api/control_api.hpp"
#include "httvps/backend/services/admission_book.hpp"
#include "httvps/backend/services/usage_poster.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

struct http_front_options {
  std::string listen;
  std::string address_file;
  std::string metrics_listen;
  std::string metrics_address_file;
  std::size_t threads = 4;
  std::size_t queue = 256;
  std::chrono::milliseconds request_deadline{10000};
  std::chrono::milliseconds drain{10000};
  std::size_t polls = 512;
};

enum class chore_place { database, outside };

struct chore {
  std::string_view name;
  std::chrono::milliseconds pause{0};
  chore_place place = chore_place::database;
  std::function<base::result<>()> work;
};

struct front_work {
  std::vector<chore> chores;
  std::function<base::result<std::vector<api::topic_revision>>()> revisions;
  services::admission_book& book;
  services::usage_poster& poster;
};

class http_front {
 public:
  http_front(http_front_options chosen, const api::control_api& api, base::logger log,
             base::metric_registry& metrics)
      : chosen_(std::move(chosen)), api_(api), log_(std::move(log)), metrics_(metrics) {}

  base::result<> run(const front_work& work);

 private:
  base::result<> tell_addresses(const std::string& api, const std::string& metrics) const;

  http_front_options chosen_;
  const api::control_api& api_;
  base::logger log_;
  base::metric_registry& metrics_;
};

base::result<> write_address_file(const std::string& path, const std::string& address);

}
