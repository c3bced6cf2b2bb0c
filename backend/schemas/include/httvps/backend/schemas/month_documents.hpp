#pragma once

#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

using month_text = text<length_range{7, 7}, month_format>;

struct usage_month {
  static constexpr std::string_view schema_name = "UsageMonth";

  month_text month;
  models::device_id device_id;
  models::node_id node_id;
  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(usage_month, (), (month, device_id, node_id, up, down))

struct usage_month_page {
  static constexpr std::string_view schema_name = "UsageMonthPage";

  page_items<usage_month> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(usage_month_page, (), (items, next_page_token))

}
