#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>

#include "httvps/net/http_message.hpp"
#include "httvps/sdk/control_client.hpp"

namespace httvps::sdk {

std::unexpected<control_problem> problem_of(base::error code, std::string sentence = {});

control_problem problem_in(const net::http_response& answer);

net::http_request control_request(std::string method, std::string path);
void set_json(net::http_request& request, const boost::json::object& fields);

control_task<boost::json::object> call_control(std::shared_ptr<session_link> link,
                                               net::http_request request,
                                               base::steady_time deadline);
control_task<boost::json::object> call_as_device(std::shared_ptr<session_link> link,
                                                 net::http_request request, device_account account,
                                                 base::steady_time deadline);

}
