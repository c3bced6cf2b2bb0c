#pragma once

#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

inline constexpr length_range users_at_once{1, 1000};

struct bulk_users_request {
  static constexpr std::string_view schema_name = "BulkUsersRequest";

  list<user_request, users_at_once> users;
};
BOOST_DESCRIBE_STRUCT(bulk_users_request, (), (users))

struct bulk_user_result {
  static constexpr std::string_view schema_name = "BulkUserResult";

  std::optional<models::user_id> id;
  std::optional<text<length_range{1, 64}, label_format>> code;
};
BOOST_DESCRIBE_STRUCT(bulk_user_result, (), (id, code))

struct bulk_users_answer {
  static constexpr std::string_view schema_name = "BulkUsers";

  counter_value created;
  list<bulk_user_result, users_at_once> results;
};
BOOST_DESCRIBE_STRUCT(bulk_users_answer, (), (created, results))

}
