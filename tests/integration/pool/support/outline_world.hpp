#pragma once

#include <optional>
#include <string>

#include "node/support/key_user.hpp"
#include "node/support/private_network.hpp"
#include "node/support/programs.hpp"
#include "support/tcp.hpp"
#include "support/walk.hpp"
#include "temporary_folder.hpp"

namespace httvps::testing {

class outline_world {
 public:
  explicit outline_world(environment backend_settings = {{"BACKEND_GATEWAY_AUTO_APPROVE", "true"}},
                         environment agent_settings = {});
  outline_world(const outline_world&) = delete;
  outline_world& operator=(const outline_world&) = delete;

  static void prepare();

  api_answer try_assign(const gateway_identity& who, const enrolled_device& device,
                        std::string_view region) const;
  std::string assign(const gateway_identity& who, const enrolled_device& device,
                     std::string_view region) const;
  json_object keyring() const;
  bool has_running_keys() const;
  std::string agent_output() const { return content_of(folder.file("agent.log")); }
  key_use use_of(const std::string& secret) const;

  walk backend;
  temporary_folder folder;
  tcp_origin origin{echo_until_end, public_address};
  std::string node;
  std::optional<running_program> agent;

  void start_agent();

 private:
  void add_node();

  environment agent_settings_;
};

}
