#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "httvps/backend/services/entity_tag.hpp"
#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/backend/services/node_fleet.hpp"
#include "httvps/backend/services/signing_authority.hpp"
#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::services {

class admission_book;
class posting_queue;

struct credential_terms {
  std::chrono::milliseconds life = std::chrono::days(30);
  std::chrono::milliseconds overlap = std::chrono::hours(4);
};

struct service_tools {
  store& storage;
  signing_authority& authority;
  const field_cipher& cipher;
  const base::clock& clock;
  base::random_source& random;
  node_fleet& fleet;
  credential_terms credentials = {};
  admission_book* book = nullptr;
  posting_queue* postings = nullptr;
};

struct admin_actor {
  models::admin_id id;
  std::string name;
  std::string request_id;
  models::admin_role role = models::admin_role::read_only;
  std::vector<std::string> scopes = {};
  std::optional<models::admin_token> token = {};
  std::string address = {};
  entity_condition condition = {};
  std::optional<models::idempotency_claim> claim = {};
  models::admin_role maker_role = models::admin_role::read_only;
};

bool holds_operations(const admin_actor& actor) noexcept;

struct device_actor {
  models::device_id id;
  models::gateway_id gateway;
  std::string request_id = {};
  std::string address = {};
};

struct change_author {
  std::string id;
  std::string name;
  std::string token = {};
  std::string address = {};
  std::string request_id = {};
  std::optional<models::idempotency_claim> claim = {};
};

struct admin_change {
  std::string_view action;
  std::string_view object;
  std::string_view detail = {};
  std::string before = {};
  std::string after = {};
};

change_author author_of(const admin_actor& actor);
base::result<> require_match(const admin_actor& actor, const entity_tag& present);
base::result<> record_change(repositories& tables, const service_tools& tools,
                             const change_author& author, const admin_change& change);
base::result<> record_change(repositories& tables, const service_tools& tools,
                             const admin_actor& actor, const admin_change& change);

}
