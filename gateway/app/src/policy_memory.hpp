#pragma once

#include <optional>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/base/log.hpp"
#include "httvps/gateway/control/membership.hpp"
#include "httvps/gateway/sessions/published_policy.hpp"

namespace httvps::gateway {

class policy_memory {
 public:
  policy_memory(const std::string& state_dir, base::logger log)
      : file_(state_dir + "/policy"), log_(std::move(log)) {}

  std::optional<published_policy> recall(const membership& member, base::system_time now);
  std::optional<published_policy> take(const membership& member, const std::string& offered,
                                       base::system_time now);
  void forget() noexcept { known_ = {}; }

 private:
  base::result<published_policy> judge(const membership& member, const std::string& offered,
                                       base::system_time now) const;
  void keep(const std::string& document) const;

  std::string file_;
  base::logger log_;
  published_policy known_;
};

}
