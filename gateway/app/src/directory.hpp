#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "httvps/gateway/sessions/admission.hpp"
#include "session_roll.hpp"

namespace httvps::gateway {

struct directory_actions {
  std::function<void(std::uint64_t)> end_session;
  std::function<void(std::uint64_t, newcomer)> hand_over;
};

class process_directory final : public session_directory {
 public:
  process_directory(const net::executor& runs_on, directory_actions actions, session_roll& roll);

  net::task<std::uint64_t> claim(session_claim wanted) override;
  net::task<> settle(session_claim mine, std::size_t limit) override;
  void limit(std::string device_id, std::size_t most) override;
  void note(std::string device_id, std::uint64_t number, attachment_state state) override;
  void release(std::string device_id, std::uint64_t number) override;
  void hand_over(std::uint64_t number, newcomer who) override;

 private:
  struct held_session {
    std::uint64_t number = 0;
    wire::session_id id{};
    attachment_state state = attachment_state::attached;
  };

  net::task<std::uint64_t> claim_here(session_claim wanted);
  net::task<> settle_here(session_claim mine, std::size_t limit);
  void end_one_but(std::vector<held_session>& held, std::uint64_t spared);

  net::executor runs_on_;
  directory_actions actions_;
  session_roll& roll_;
  std::map<std::string, std::vector<held_session>> sessions_;
};

}
