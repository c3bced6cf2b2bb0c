#pragma once

#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/rewrap_order.hpp"
#include "httvps/backend/services/sealed_cells.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view unknown_key_id = "unknown";
inline constexpr std::size_t rewrap_batch = 100;
inline constexpr std::size_t rewrap_round_values = 500;
inline constexpr std::chrono::seconds rewrap_round{1};

struct signing_key_report {
  identity::public_key key;
  signing_state state = signing_state::retired;
  base::system_time created_at;
  base::system_time signs_from;
  std::chrono::seconds age{0};
  std::optional<base::system_time> replaced_at;
};

struct sealed_count {
  std::string_view table;
  std::string_view column;
  std::string key_id;
  std::uint64_t values = 0;
};

struct ring_report {
  sealing_mode mode = sealing_mode::required;
  std::string active;
  std::vector<std::string> keys;
  std::vector<sealed_count> counts;
  rewrap_order rewrap;

  std::uint64_t values_of(std::string_view key_id) const noexcept;
};

struct trust_report {
  std::vector<signing_key_report> signing;
  base::system_time next_rotation_at;
  std::string root_key_id;
  std::uint64_t key_set_version = 0;
  base::system_time key_set_ends_at;
  ring_report ring;
  std::optional<base::system_time> last_backup_at = {};
};

class trust_service {
 public:
  trust_service(const service_tools& tools, sealed_store& cells) : tools_(tools), cells_(cells) {}

  base::result<trust_report> show() const;
  base::result<trust_report> rotate_signing(const admin_actor& actor) const;

  base::result<ring_report> show_ring() const;
  base::result<ring_report> order_rewrap(const admin_actor& actor) const;
  base::result<> rewrap() const;

 private:
  base::result<std::size_t> rewrap_some() const;

  service_tools tools_;
  sealed_store& cells_;
};

}
