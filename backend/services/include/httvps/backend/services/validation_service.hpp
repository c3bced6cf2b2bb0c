#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "httvps/backend/services/admission.hpp"
#include "httvps/backend/shared/live_sessions.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds validation_recheck{900};
inline constexpr std::chrono::hours known_session_memory{48};

struct validation_order {
  std::string token;
  std::string session;
  std::string epoch = {};
};

struct admitted_device {
  models::device_id device;
  models::subscription_id subscription;
  models::plan terms;
  std::optional<base::byte_count> remaining;
  std::optional<base::system_time> ends_at;
  std::chrono::seconds recheck = validation_recheck;
  std::uint32_t sessions_elsewhere = 0;
};

struct denied_device {
  std::error_code reason;
};

using validation_outcome = std::variant<admitted_device, denied_device>;

struct told_session {
  std::string session;
  models::device_id device;
};

struct roll_order {
  std::string epoch;
  std::string roll;
  std::uint64_t seq = 0;
  std::vector<told_session> held;
  std::vector<told_session> ended;
};

struct validation_request {
  const models::gateway& gateway;
  validation_order order;
};

enum class notes_go { with_the_answer, into_the_book };

using validation_answers = std::vector<base::result<validation_outcome>>;

class validation_service {
 public:
  explicit validation_service(const service_tools& tools, shared::live_sessions* live = nullptr)
      : tools_(tools), live_(live) {}

  base::result<validation_outcome> validate(const models::gateway& gateway,
                                            const validation_order& order) const;
  validation_answers validate_together(std::span<const validation_request> requests,
                                       notes_go to = notes_go::with_the_answer) const;
  base::result<shared::roll_reply> take_roll(const models::gateway& gateway,
                                             const roll_order& told) const;
  base::result<> forget_old_sessions() const;

 private:
  std::uint32_t count_session(const models::gateway& gateway, const validation_order& order,
                              const admitted_device& admitted) const;
  base::result<std::vector<shared::session_arrival>> validated_ones(const models::gateway& gateway,
                                                                    const roll_order& told) const;

  service_tools tools_;
  shared::live_sessions* live_;
};

}
