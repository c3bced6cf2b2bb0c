#pragma once

#include "httvps/backend/schemas/admin_documents.hpp"
#include "httvps/backend/schemas/device_documents.hpp"
#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "httvps/backend/schemas/selection_documents.hpp"
#include "httvps/backend/services/device_service.hpp"
#include "httvps/backend/services/gateway_service.hpp"
#include "httvps/backend/services/node_service.hpp"

namespace httvps::backend::api {

schemas::admin_view view_of(const models::admin& admin);
schemas::user_view view_of(const models::user& user);
schemas::plan_view view_of(const models::plan& plan);
schemas::subscription_view view_of(const services::subscription_report& report);
schemas::device_view view_of(const models::device& device);
schemas::node_view view_of(const services::node_report& report);
schemas::gateway_view view_of(const services::gateway_report& report);
schemas::region_view view_of(const models::region& region);
schemas::usage_item view_of(const models::usage_row& row);
schemas::me_answer view_of(const services::device_report& report);
schemas::usage_total total_of(const models::traffic& traffic);

template <typename Field, typename Number>
std::optional<Field> optional_field(const std::optional<Number>& number) {
  return number ? std::optional<Field>(Field(*number)) : std::nullopt;
}

template <typename List, typename Texts>
List list_of(const Texts& texts) {
  List made;
  made.items.assign(texts.begin(), texts.end());
  return made;
}

std::optional<schemas::counter_value> seconds_left(const models::credential& one,
                                                   base::system_time now);

}
