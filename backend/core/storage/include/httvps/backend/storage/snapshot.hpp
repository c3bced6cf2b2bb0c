#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/storage/byte_stream.hpp"
#include "httvps/backend/storage/database_copy.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::storage {

struct snapshot_head {
  std::string program;
  std::uint32_t schema = 0;
  std::string migrations;
  std::int64_t made_at = 0;
};

struct snapshot_table {
  std::string name;
  std::uint64_t rows = 0;
  std::string digest;
};

struct snapshot_proof {
  std::string key;
  std::string signature;
};

using snapshot_signer = std::function<snapshot_proof(std::string_view)>;

struct snapshot_manifest {
  snapshot_head head;
  std::vector<snapshot_table> tables;
  std::optional<snapshot_proof> proof = {};

  std::uint64_t rows() const noexcept;
  std::string signed_text() const;
};

struct snapshot_order {
  const database_address& from;
  byte_sink& to;
  std::string program;
  const base::clock& clock;
  copy_listener progress = {};
  snapshot_signer sign = {};
};

base::result<snapshot_manifest> write_snapshot(const snapshot_order& order);
base::result<snapshot_manifest> check_snapshot(byte_source& from, const copy_listener& progress);

enum class target_rule { must_be_empty, is_replaced };

struct restore_order {
  const database_address& into;
  const snapshot_manifest& checked;
  byte_source& from;
  target_rule rule = target_rule::must_be_empty;
  const base::clock& clock;
  copy_listener progress = {};
};

base::result<std::uint64_t> restore_snapshot(const restore_order& order);

}
