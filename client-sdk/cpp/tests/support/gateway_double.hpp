#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/net/endpoint.hpp"
#include "httvps/net/http_message.hpp"
#include "httvps/net/task.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/limits.hpp"
#include "service.hpp"
#include "test_certificate.hpp"

namespace httvps::sdk::testing {

enum class recognition_rule { knock, nobody, everybody };

struct gateway_rules {
  recognition_rule recognise = recognition_rule::knock;
  std::optional<wire::errc> refuse_sessions = std::nullopt;
  std::chrono::seconds retry_after = std::chrono::seconds(0);
  std::optional<wire::errc> reset_streams = std::nullopt;
  std::optional<int> control_status = std::nullopt;
  std::string control_code = {};
  bool answers_hello = true;
  std::string direct_host = {};
  std::string lease_until = {};
  bool region_refused = false;
  std::optional<told_policy> policy = std::nullopt;
};

struct gateway_counts {
  std::size_t connections = 0;
  std::size_t direct_connections = 0;
  std::size_t resumed = 0;
  std::size_t recognised = 0;
  std::size_t sessions = 0;
  std::size_t streams = 0;
  std::size_t enrolments = 0;
  std::size_t renewals = 0;
  std::size_t configurations = 0;
  std::string configuration_target = {};
  base::byte_count unread_most = 0;
  base::byte_count announced_budget = 0;
};

class gateway_double {
 public:
  gateway_double(const net::executor& runs_on, service& issuer);
  gateway_double(const gateway_double&) = delete;
  gateway_double& operator=(const gateway_double&) = delete;
  ~gateway_double();

  net::endpoint place() const;
  identity::gateway_entry entry() const;
  identity::gateway_entry direct_entry() const;
  const gateway_counts& counts() const;
  const net::http_request& last_upgrade() const;
  gateway_rules& rules();
  void cut_carriers();
  void lose_sessions();
  void publish(const told_policy& policy);
  void go_away(std::chrono::milliseconds drain);
  net::task<> stop();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

base::byte_vector pattern(std::size_t size, std::uint64_t seed);

}
