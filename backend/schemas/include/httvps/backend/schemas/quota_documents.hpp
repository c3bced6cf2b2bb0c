#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string_view>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

using wanted_bytes = whole<number_range{0, 268435456}>;

struct lease_request_item {
  static constexpr std::string_view schema_name = "QuotaLeaseRequestItem";

  models::subscription_id subscription;
  counter_value used_of_lease;
  wanted_bytes want;
  std::optional<signed_document> token;
};
BOOST_DESCRIBE_STRUCT(lease_request_item, (), (subscription, used_of_lease, want, token))

struct lease_request {
  static constexpr std::string_view schema_name = "QuotaLeaseRequest";

  hex_epoch epoch;
  list<lease_request_item, length_range{1, 500}> items;
};
BOOST_DESCRIBE_STRUCT(lease_request, (), (epoch, items))

enum class lease_end { quota_exceeded, subscription_expired, access_suspended };
BOOST_DESCRIBE_ENUM(lease_end, quota_exceeded, subscription_expired, access_suspended)

struct lease_answer_item {
  static constexpr std::string_view schema_name = "QuotaLease";

  models::subscription_id subscription;
  counter_value grant_bytes;
  counter_value remaining;
  whole<number_range{1, 86400}> expires_s = 300;
  bool final = false;
  bool refused = false;
  std::optional<lease_end> reason;
};
BOOST_DESCRIBE_STRUCT(lease_answer_item, (),
                      (subscription, grant_bytes, remaining, expires_s, final, refused, reason))

struct lease_answer {
  static constexpr std::string_view schema_name = "QuotaLeaseAnswer";

  list<lease_answer_item, length_range{0, 500}> items;
};
BOOST_DESCRIBE_STRUCT(lease_answer, (), (items))

}
