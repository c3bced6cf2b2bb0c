#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "httvps/gateway/auth/recognizer.hpp"
#include "httvps/gateway/sessions/greeting.hpp"

namespace httvps::gateway {

inline constexpr unsigned session_number_bits = 48;

std::string session_digest(const wire::session_id& id);

struct session_claim {
  std::string device_id;
  wire::session_id id{};
  std::uint64_t number = 0;
  wire::creation may_create = wire::creation::forbidden;
};

struct carrier_arrival {
  std::unique_ptr<net::carrier_link> link;
  std::shared_ptr<void> lease;
};

struct newcomer {
  carrier_arrival carrier;
  std::shared_ptr<void> place;
  device_carrier who;
  greeting hello;
};

enum class attachment_state { attached, detached };

class session_directory {
 public:
  virtual ~session_directory() = default;
  virtual net::task<std::uint64_t> claim(session_claim wanted) = 0;
  virtual net::task<> settle(session_claim mine, std::size_t limit) = 0;
  virtual void limit(std::string device_id, std::size_t most) = 0;
  virtual void note(std::string device_id, std::uint64_t number, attachment_state state) = 0;
  virtual void release(std::string device_id, std::uint64_t number) = 0;
  virtual void hand_over(std::uint64_t number, newcomer who) = 0;
};

}
