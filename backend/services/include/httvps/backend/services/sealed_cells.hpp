#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

struct sealed_column {
  std::string_view table;
  std::string_view column;
  std::string_view key;
};

inline constexpr sealed_column sealed_columns[] = {
    {.table = "access_keys", .column = "sealed_url", .key = "id"},
    {.table = "gateway_keys", .column = "sealed_secret", .key = "id"},
    {.table = "node_keyrings", .column = "sealed_management", .key = "node_id"},
    {.table = "admins", .column = "totp_sealed", .key = "id"},
    {.table = "idempotency_keys", .column = "answer_sealed", .key = "id"},
    {.table = "settings", .column = "value", .key = "key"},
};

struct sealed_value {
  std::string record;
  std::string stored;
};

struct values_wanted {
  std::string_view other_than;
  std::string after;
  std::size_t most = 0;
};

class sealed_cell_repository {
 public:
  virtual ~sealed_cell_repository() = default;
  virtual base::result<std::uint64_t> count(const sealed_column& from, std::string_view head) = 0;
  virtual base::result<std::vector<sealed_value>> list(const sealed_column& from,
                                                       const values_wanted& wanted) = 0;
  virtual base::result<> replace(const sealed_column& in, const sealed_value& known,
                                 std::string_view fresh) = 0;
};

using cell_work = std::function<base::result<>(sealed_cell_repository&, repositories&)>;

class sealed_store {
 public:
  virtual ~sealed_store() = default;
  virtual base::result<> read_cells(const cell_work& body) = 0;
  virtual base::result<> write_cells(const cell_work& body) = 0;
};

}
