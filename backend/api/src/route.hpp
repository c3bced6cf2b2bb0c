#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/api/control_api.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/models/node.hpp"
#include "httvps/backend/schemas/codec.hpp"
#include "httvps/backend/services/service_tools.hpp"
#include "httvps/net/http_message.hpp"
#include "rate_gate.hpp"

namespace httvps::backend::api {

enum class access {
  open,
  read_only,
  support,
  admin,
  login,
  joining,
  gateway,
  waiting_gateway,
  gateway_of_device,
  device,
  node
};

std::optional<models::admin_role> least_role(access wanted) noexcept;

using query_values = std::map<std::string, std::string, std::less<>>;

inline constexpr int not_modified = 304;
inline constexpr int no_content = 204;

enum class tag_rule { none, created, shown, accepted, demanded };

enum class poll_turn { first, last };

struct call_notes {
  std::string actor;
  std::string device_id;
  std::string node_id;
  std::string outcome;
};

struct call {
  const net::http_request& request;
  std::string path;
  std::string id;
  query_values query;
  std::string client_address = {};
  std::optional<services::admin_actor> admin;
  std::optional<models::gateway> gateway;
  std::optional<models::node> node;
  std::optional<models::device_id> device;
  std::optional<models::credential> credential;
  call_notes notes;
  poll_turn turn = poll_turn::last;
  std::optional<held_poll> held = std::nullopt;
  std::optional<rate_notice> rate = std::nullopt;
};

services::change_author author_of(const call& made);

struct plain_body {
  std::string content_type;
  std::string text;
  std::optional<int> status = std::nullopt;
  net::http_fields headers = {};
};

using schema_writer = std::function<schemas::json_object(schemas::component_set&)>;
using query_writer = std::function<schemas::json_object(schemas::component_set&)>;
using route_handler = std::function<answer<plain_body>(call&)>;
using call_list = std::vector<call*>;
using together_handler = std::function<std::vector<answer<plain_body>>(const call_list&)>;

struct route {
  std::string method;
  std::string pattern;
  std::string operation;
  std::string summary;
  access wanted = access::open;
  int success = 200;
  work_place runs_at = work_place::blocking_pool;
  tag_rule tags = tag_rule::none;
  bool is_for_operations = false;
  schema_writer request_schema = {};
  query_writer query_schema = {};
  schema_writer answer_schema = {};
  std::string answer_type = {};
  std::vector<int> further_statuses = {};
  route_handler handle = {};
  together_handler handle_together = {};
};

std::string scope_of(const route& one);

class route_table {
 public:
  void add(route one);
  const std::vector<route>& routes() const noexcept { return routes_; }

  struct match {
    const route* found = nullptr;
    std::string id;
    std::string allowed;
  };
  match find(std::string_view method, std::string_view path) const;

 private:
  std::vector<route> routes_;
};

struct target_parts {
  std::string path;
  query_values query;
};

answer<target_parts> split_target(std::string_view target);

}
