#pragma once

#include <memory>
#include <string>

#include "httvps/net/http_message.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/sdk/session_link.hpp"

namespace httvps::sdk {

inline constexpr std::size_t control_answer_limit = 512 * 1024;

struct enrolment_request {
  std::string ticket;
  identity::public_key device_key;
  std::string name;
  std::string platform;
};

struct enrolment_answer {
  std::string device_id;
  std::string token;
  std::string key_set;
  std::string config;
};

struct control_problem {
  base::error code;
  std::string sentence;
};

template <typename T>
using control_task = net::asio::awaitable<std::expected<T, control_problem>>;

base::error meaning_of_problem(int status, std::string_view code) noexcept;

control_task<enrolment_answer> request_enrolment(std::shared_ptr<session_link> link,
                                                 enrolment_request request,
                                                 base::steady_time deadline);
control_task<fresh_documents> request_gateways(std::shared_ptr<session_link> link,
                                               device_account account, base::steady_time deadline);
control_task<fresh_documents> request_documents(std::shared_ptr<session_link> link,
                                                device_account account, base::steady_time deadline);

}
