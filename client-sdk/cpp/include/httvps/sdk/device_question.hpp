#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/net/endpoint.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/device_account.hpp"

namespace httvps::sdk {

inline constexpr std::size_t device_id_limit = 64;

enum class question_kind : std::uint8_t { account, regions, devices, revocation };

struct device_question {
  question_kind kind = question_kind::account;
  std::string device_id = {};

  bool operator==(const device_question&) const = default;
};

struct lone_question {
  device_account account;
  device_question question;
  std::optional<net::endpoint> connect_to = std::nullopt;
};

bool is_device_id(std::string_view text) noexcept;

control_task<std::string> ask_over(std::shared_ptr<session_link> link, device_account account,
                                   device_question question, base::steady_time deadline);
control_task<std::string> ask_alone(lone_question wanted, base::steady_time deadline);

}
