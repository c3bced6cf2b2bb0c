#pragma once

#include <string_view>

#include "httvps/backend/storage/migration.hpp"
#include "httvps/backend/storage/snapshot.hpp"

namespace httvps::backend::storage {

std::string to_text(const snapshot_head& head);
base::result<snapshot_head> parse_head(std::string_view text);
std::string to_text(const std::vector<snapshot_table>& tables);
std::string to_text(const snapshot_manifest& manifest);
base::result<std::vector<snapshot_table>> parse_tables(std::string_view text);
base::result<std::optional<snapshot_proof>> parse_proof(std::string_view text);

std::string mark_of(std::span<const migration> applied);
base::result<std::span<const migration>> migrations_for(const snapshot_head& head);

}
