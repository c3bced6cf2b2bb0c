#pragma once

#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/backend/services/key_service.hpp"

namespace httvps::backend::services {

cell_name secret_cell(const models::access_key_id& key);
cell_name url_cell(const models::access_key_id& key);
cell_name management_cell(const models::node_id& node);

bool has_key_schema(const service_tools& tools) noexcept;
base::result<std::optional<models::keyring>> find_keyring(repositories& tables,
                                                          const service_tools& tools,
                                                          const models::node_id& node);
base::result<bool> issue_key(repositories& tables, const service_tools& tools,
                             const key_place& place);
base::result<> advance_revision(repositories& tables, const models::node_id& node);
base::result<key_rotation> replace_now(repositories& tables, const service_tools& tools,
                                       std::vector<models::gateway_key> keys);
base::result<key_rotation> withdraw(repositories& tables, const service_tools& tools,
                                    std::vector<models::gateway_key> keys);
base::result<> take_keys(repositories& tables, const service_tools& tools,
                         const models::gateway_id& gateway);
base::result<> activate_listed(repositories& tables, const models::node_id& node,
                               const std::vector<std::string>& running, base::system_time now);
base::result<base::secret_bytes> link_of(const service_tools& tools, const models::node& node,
                                         const models::gateway_key& key);

}
