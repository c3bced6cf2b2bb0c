#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "httvps/gateway/sessions/admission.hpp"

namespace httvps::gateway {

class process_directory final : public session_directory {
 public:
  using ender = std::function<void(std::uint64_t)>;

  process_directory(const net::executor& runs_on, ender end_session);

  net::task<> claim(session_claim wanted) override;
  void release(std::string device_id, std::uint64_t number) override;

 private:
  struct held_session {
    std::uint64_t number = 0;
    wire::session_id id{};
  };

  net::task<> claim_here(session_claim wanted);

  net::executor runs_on_;
  ender end_session_;
  std::map<std::string, std::vector<held_session>> sessions_;
};

}
