#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "httvps/backend/services/admission_book.hpp"
#include "httvps/base/log.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::backend::core {

using flush_work = std::function<net::asio::awaitable<base::result<>>()>;

struct flush_options {
  std::chrono::milliseconds pause{20};
  std::chrono::milliseconds retry{500};
  std::size_t many = 4096;
};

class admission_flush {
 public:
  admission_flush(const net::executor& runs_on, const services::admission_book& book,
                  flush_options chosen = {});
  admission_flush(const admission_flush&) = delete;
  admission_flush& operator=(const admission_flush&) = delete;
  ~admission_flush() = default;

  void work_with(flush_work work) { work_ = std::move(work); }
  void look();
  void close() { rounds_.cancel(); }

 private:
  static net::asio::awaitable<void> run(admission_flush* self);

  const services::admission_book& book_;
  flush_options chosen_;
  flush_work work_;
  std::shared_ptr<net::event> many_came_;
  bool is_running_ = false;
  bool has_failed_ = false;
  net::scope rounds_;
};

base::result<> flush_at_the_end(services::admission_book& book);

}
