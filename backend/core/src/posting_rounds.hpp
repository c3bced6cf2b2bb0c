#pragma once

#include <functional>

#include "httvps/backend/services/usage_poster.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::backend::core {

using posting_work = std::function<net::asio::awaitable<void>()>;

class posting_rounds {
 public:
  posting_rounds(const net::executor& runs_on, const services::usage_poster& poster)
      : poster_(poster), rounds_(runs_on) {}
  posting_rounds(const posting_rounds&) = delete;
  posting_rounds& operator=(const posting_rounds&) = delete;
  ~posting_rounds() = default;

  void work_with(posting_work work) { work_ = std::move(work); }
  void look();
  void close() { rounds_.cancel(); }

 private:
  static net::asio::awaitable<void> run(posting_rounds* self);

  const services::usage_poster& poster_;
  posting_work work_;
  bool is_running_ = false;
  net::scope rounds_;
};

base::result<> post_at_the_end(const services::usage_poster& poster, const base::clock& clock);

}
