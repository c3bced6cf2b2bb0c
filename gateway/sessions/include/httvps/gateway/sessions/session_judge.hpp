#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>

#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/gateway/control/validation_line.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/gateway/sessions/node_book.hpp"
#include "httvps/gateway/sessions/session_directory.hpp"

namespace httvps::gateway {

struct refusal {
  wire::errc code{};
  std::string sentence;
};

refusal refusal_with(wire::errc code);

struct judge_parts {
  session_environment& environment;
  session_directory& directory;
  validation_cache& validated;
  const revocation_set& revoked;
  allowance_source& allowances;
  validation_line& validations;
  std::string region;
};

class session_judge {
 public:
  using verdict = std::expected<session_terms, refusal>;

  explicit session_judge(judge_parts parts) : parts_(std::move(parts)) {}

  bool is_busy_with(const std::string& device_id) const;
  net::asio::awaitable<verdict> judge(device_carrier who, session_claim claimed);
  net::task<> renew_node(std::string device_id, std::string token);
  node_book& nodes() noexcept { return nodes_; }

 private:
  struct policy {
    std::uint32_t session_limit = 1;
    allowance_request allowed;
  };

  static policy policy_of(const validated_device& known);
  net::asio::awaitable<std::expected<policy, refusal>> validate(device_carrier who,
                                                                wire::session_id id);
  net::asio::awaitable<std::expected<exit_nodes, refusal>> assign(device_carrier who);
  net::asio::awaitable<verdict> settle(session_terms terms, session_claim claimed, policy allowed);
  void note_judged(const std::string& device_id);

  judge_parts parts_;
  std::map<std::string, std::size_t> judged_now_;
  node_book nodes_;
};

}
