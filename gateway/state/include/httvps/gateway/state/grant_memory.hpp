#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/secret.hpp"
#include "httvps/gateway/auth/device_memory.hpp"
#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

inline constexpr std::size_t granted_devices_most = 100'000;
inline constexpr std::size_t granted_nodes_most = 1024;
inline constexpr std::size_t nodes_of_a_grant_most = 8;

struct granted_node {
  std::string node_id;
  std::string name;
  base::secret_bytes access_url;

  bool operator==(const granted_node&) const = default;
};

struct node_offer {
  std::string node_id;
  std::uint32_t weight = 1;

  bool operator==(const node_offer&) const = default;
};

struct device_grant {
  std::string device_id;
  std::vector<node_offer> offers;

  bool operator==(const device_grant&) const = default;
};

class grant_memory {
 public:
  using kept_grant = std::shared_ptr<const device_grant>;

  struct limits {
    std::size_t devices = granted_devices_most;
    std::size_t nodes = granted_nodes_most;
  };

  grant_memory() : grant_memory(limits{}) {}
  explicit grant_memory(limits most) : nodes_most_(most.nodes), grants_(most.devices) {}

  void record(const std::string& device_id, const assignment& assigned);
  void record(device_grant grant) { grants_.record(std::move(grant)); }
  void record(granted_node node);
  std::optional<assignment> find(std::string_view device_id) const;

  std::vector<granted_node> nodes() const;
  std::vector<kept_grant> newest_first() const { return grants_.newest_first(); }
  std::uint64_t revision() const;

 private:
  struct kept_node {
    granted_node node;
    std::uint64_t recorded = 0;
  };

  void make_room();

  const std::size_t nodes_most_;
  mutable std::mutex guard_;
  std::map<std::string, kept_node, std::less<>> nodes_;
  std::uint64_t last_recorded_ = 0;
  std::uint64_t changes_ = 0;
  device_memory<device_grant> grants_;
};

}
