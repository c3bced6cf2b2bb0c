#pragma once

#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/audit_chain.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::services {

struct audit_parts {
  store& storage;
  const base::clock& clock;
  base::random_source& random;
};

struct audit_verdict {
  std::uint64_t lines = 0;
  audit_tip tip = {};
  std::optional<audit_fault> fault = {};
};

class audit_service {
 public:
  explicit audit_service(const audit_parts& parts) : parts_(parts) {}

  base::result<models::page<models::audit_line>> newest(const models::audit_filter& filter) const;
  base::result<std::vector<models::audit_line>> following(const models::audit_span& span) const;
  base::result<audit_verdict> verify() const;
  base::result<std::uint64_t> sweep() const;
  base::result<std::uint64_t> adopt() const;

 private:
  bool has_chain() const { return parts_.storage.schema_version() >= audit_chain_schema; }
  base::result<> require_schema() const;
  base::result<std::uint64_t> sweep_in(repositories& tables) const;

  audit_parts parts_;
};

}
