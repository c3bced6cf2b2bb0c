#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "httvps/gateway/sessions/session_judge.hpp"

namespace httvps::gateway {

struct recheck_order {
  std::optional<std::set<std::string>> changed = {};
};

struct keeper_limits {
  base::duration look = std::chrono::milliseconds(200);
  base::duration spread = std::chrono::milliseconds(1500);
  base::duration retry_least = std::chrono::seconds(5);
  base::duration retry_most = std::chrono::seconds(15);
  std::size_t at_once = validated_together_most;
};

struct keeper_parts {
  session_environment& environment;
  session_judge& judge;
  std::function<base::result<>(net::task<>)> spawn;
  keeper_limits limits = {};
};

class session_keeper {
 public:
  explicit session_keeper(keeper_parts parts) : parts_(std::move(parts)) {}

  void hold(const std::shared_ptr<hosted_session>& session);
  void drop(const hosted_session& session);
  void recheck(const recheck_order& wanted);
  net::task<> run();
  std::size_t size() const noexcept { return watched_.size(); }

 private:
  using number = std::uint64_t;
  struct watched {
    std::weak_ptr<hosted_session> session;
    base::steady_time check_at{};
    std::optional<base::system_time> ends_at = {};
  };

  void end_expired();
  void start_checks();
  net::task<> check_due();
  net::asio::awaitable<void> check(std::shared_ptr<hosted_session> session);
  void settle(hosted_session& session, session_judge::second_verdict verdict);
  std::shared_ptr<hosted_session> take_due();
  void check_at(number which, base::steady_time moment);
  void end_at(number which, std::optional<base::system_time> moment);
  base::steady_time within(base::duration least, base::duration most);
  base::steady_time next_check(std::chrono::seconds recheck);
  base::steady_time check_after(base::steady_time asked_at, std::chrono::seconds recheck);

  keeper_parts parts_;
  std::unordered_map<number, watched> watched_;
  std::set<std::pair<base::steady_time, number>> checks_;
  std::set<std::pair<base::system_time, number>> ends_;
  base::steady_time ordered_at_{};
  std::size_t under_way_ = 0;
};

}
