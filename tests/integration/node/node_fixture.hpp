#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "node/support/key_user.hpp"
#include "node/support/outline_backend.hpp"
#include "node/support/private_network.hpp"
#include "node/support/programs.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

class NodeAgent : public ::testing::Test {
 protected:
  static void SetUpTestSuite();

  void SetUp() override;

  std::string file(const std::string& name) const { return folder_.file(name); }
  std::map<std::string, std::string> environment() const;
  void set(const std::string& name, const std::string& value) { extra_[name] = value; }
  void start_agent();
  pid_t server() const;
  key_use use_of(const offered_key& key) const;
  std::size_t pass(const offered_key& key, std::size_t bytes);
  bool wait_until(const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  std::string agent_output() const { return content_of(file("agent.log")); }

  temporary_folder folder_;
  std::map<std::string, std::string> extra_;
  outline_backend backend_;
  tcp_origin origin_{echo_until_end, public_address};
  std::optional<running_program> agent_;
};

offered_key make_offer(const std::string& id, const std::string& secret);

}
