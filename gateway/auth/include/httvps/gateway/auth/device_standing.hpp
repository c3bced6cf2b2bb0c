#pragma once

#include <optional>
#include <string_view>

#include "httvps/base/clock.hpp"

namespace httvps::gateway {

class validation_history {
 public:
  virtual ~validation_history() = default;
  virtual bool was_validated(std::string_view device_id, base::system_time now) const = 0;
};

enum class withdrawal { revoked, user_suspended, subscription_suspended };

class revocation_set {
 public:
  virtual ~revocation_set() = default;
  virtual std::optional<withdrawal> find(std::string_view device_id) const = 0;
};

}
