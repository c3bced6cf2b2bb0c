#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/gateway/control/validation_line.hpp"
#include "httvps/gateway/sessions/farewell.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/gateway/sessions/node_book.hpp"
#include "httvps/gateway/sessions/session_directory.hpp"
#include "httvps/gateway/state/grant_memory.hpp"

namespace httvps::gateway {

using refusal = farewell;

refusal refusal_with(wire::errc code);
refusal refusal_at(withdrawal how);

struct judge_parts {
  session_environment& environment;
  session_directory& directory;
  validation_cache& validated;
  grant_memory& grants;
  const revocation_set& revoked;
  allowance_source& allowances;
  validation_line& validations;
  std::string region;
};

struct unanswered {};

class session_judge {
 public:
  using verdict = std::expected<session_terms, refusal>;
  using second_verdict = std::variant<unanswered, renewed_terms, refusal>;

  explicit session_judge(judge_parts parts) : parts_(std::move(parts)) {}

  bool is_busy_with(const std::string& device_id) const;
  net::asio::awaitable<verdict> judge(device_carrier who, session_claim claimed);
  net::asio::awaitable<second_verdict> judge_again(std::shared_ptr<hosted_session> running);
  net::task<> renew_node(std::string device_id, std::string token);
  node_book& nodes() noexcept { return nodes_; }

 private:
  struct policy {
    std::uint32_t session_limit = 1;
    allowance_request allowed;
    std::string plan_id = {};
    std::optional<base::system_time> ends_at = {};
    std::chrono::seconds recheck{900};
  };

  static policy policy_of(const validated_device& known);
  policy note(const allowance& allowed, const std::string& device_id);
  refusal note(const denial& denied, const std::string& device_id);
  net::asio::awaitable<std::expected<policy, refusal>> validate(device_carrier who,
                                                                wire::session_id id);
  net::asio::awaitable<std::expected<exit_nodes, refusal>> assign(device_carrier who);
  exit_nodes nodes_known_for(const std::string& device_id);
  net::asio::awaitable<verdict> settle(session_terms terms, session_claim claimed, policy allowed);
  void note_judged(const std::string& device_id);

  judge_parts parts_;
  std::map<std::string, std::size_t> judged_now_;
  node_book nodes_;
};

}
