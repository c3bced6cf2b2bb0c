#pragma once

#include "httvps/net/http_message.hpp"
#include "httvps/net/task.hpp"
#include "httvps/net/tls_context.hpp"
#include "httvps/outline/management_client.hpp"

namespace httvps::outline {

struct exchange_plan {
  net::endpoint place;
  net::tls_context tls;
  net::http_request request;
  std::size_t answer_most = 0;
  base::steady_time deadline;
};

net::task<net::http_response> exchange_once(exchange_plan plan);
base::result<net::http_response> run_exchange(exchange_plan plan);

}
