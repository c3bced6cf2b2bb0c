#pragma once

#include <memory>
#include <string>
#include <vector>

#include "httvps/net/scope.hpp"
#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/sdk/session_link.hpp"
#include "idle_sessions/options.hpp"

namespace httvps::bench {

class held_session;

class idle_holder {
 public:
  static base::result<idle_holder> make(const net::executor& runs_on, idle_options options);

  net::task<> open_all();
  net::task<> close_all();
  net::task<> fetch_on_all();
  net::task<> stop_fetching();
  std::string report();
  bool complete() const noexcept { return failed_ == 0; }

 private:
  idle_holder(const net::executor& runs_on, idle_options options);

  net::task<> open_some(base::steady_time deadline);
  net::task<> open_one(std::size_t number, base::steady_time deadline);
  net::task<base::steady_time> await_turn(std::size_t number);
  net::task<> fetch_again_and_again(std::size_t number);
  net::task<std::size_t> fetch(std::shared_ptr<sdk::session_link> link);
  std::string failure_label() const;
  sdk::dial_order order_for(const sdk::device_account& account) const;

  net::executor runs_on_;
  idle_options options_;
  std::vector<sdk::device_account> accounts_;
  std::shared_ptr<base::slab_pool> pool_;
  std::unique_ptr<sdk::carrier_dialer> dialer_;
  std::vector<std::shared_ptr<held_session>> held_;
  std::size_t next_ = 0;
  std::size_t failed_ = 0;
  base::error first_failure_;
  base::steady_time began_;
  base::duration took_{};
  std::vector<double> arrivals_;
  std::vector<double> admissions_;
  std::vector<double> fetches_;
  std::unique_ptr<net::scope> fetchers_;
  std::size_t fetch_failures_ = 0;
  base::byte_count fetched_bytes_ = 0;
  bool stopping_ = false;
};

}
