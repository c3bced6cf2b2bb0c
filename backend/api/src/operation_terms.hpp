#pragma once

#include <set>

#include "route.hpp"

namespace httvps::backend::api {

std::set<int> failure_statuses(const route& one);
std::string_view sentence_of(int status) noexcept;
std::string_view tag_of(const route& one) noexcept;
std::vector<std::string_view> all_tags();
schemas::json_object id_schema_of(const route& one);
bool takes_idempotency_key(const route& one) noexcept;

}
