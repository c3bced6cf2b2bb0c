#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/audit.hpp"
#include "route.hpp"

namespace httvps::backend::api {

std::optional<models::id_kind> kind_of_area(std::string_view area) noexcept;
std::optional<models::audit_sight> sight_of(const services::admin_actor& actor,
                                            const route_table& table);

}
