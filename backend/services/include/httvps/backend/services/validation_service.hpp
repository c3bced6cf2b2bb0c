#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "httvps/backend/services/admission.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds validation_recheck{900};
inline constexpr std::chrono::hours known_session_memory{48};

struct validation_order {
  std::string token;
  std::string session;
};

struct admitted_device {
  models::device_id device;
  models::subscription_id subscription;
  models::plan terms;
  std::optional<base::byte_count> remaining;
};

struct denied_device {
  std::error_code reason;
};

using validation_outcome = std::variant<admitted_device, denied_device>;

class validation_service {
 public:
  explicit validation_service(const service_tools& tools) : tools_(tools) {}

  base::result<validation_outcome> validate(const models::gateway& gateway,
                                            const validation_order& order) const;
  base::result<> forget_old_sessions() const;

 private:
  base::result<admitted_device> admit(const models::gateway& gateway,
                                      const validation_order& order) const;

  service_tools tools_;
};

}
