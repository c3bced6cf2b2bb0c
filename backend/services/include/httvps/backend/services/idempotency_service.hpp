#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t largest_kept_answer = 65536;

struct keyed_request {
  const admin_actor& actor;
  std::string_view key;
  std::string_view method;
  std::string_view target;
  std::string_view body;
};

struct key_verdict {
  models::idempotency_claim claim = {};
  std::optional<base::secret_bytes> answer = {};
};

std::string idempotency_id(std::string_view actor, std::string_view key);

class idempotency_service {
 public:
  explicit idempotency_service(const service_tools& tools) : tools_(tools) {}

  base::result<key_verdict> claim(const keyed_request& wanted) const;
  base::result<> keep(const models::idempotency_claim& held,
                      const base::secret_bytes& answer) const;
  base::result<> release(const models::idempotency_claim& held) const;
  base::result<> forget_old() const;

 private:
  base::result<> require_schema() const;
  base::result<key_verdict> claim_in(repositories& tables, const keyed_request& wanted) const;
  base::result<key_verdict> claim_again(repositories& tables, models::idempotency_record found,
                                        std::string_view request_hash) const;
  base::result<key_verdict> replay(const models::idempotency_record& found) const;

  service_tools tools_;
};

}
