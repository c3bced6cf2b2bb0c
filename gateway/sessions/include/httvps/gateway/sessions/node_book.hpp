#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/outline/node.hpp"

namespace httvps::gateway {

inline constexpr std::size_t remembered_devices_most = 65536;
inline constexpr std::size_t known_nodes_most = 1024;

class node_book {
 public:
  using shared_node = std::shared_ptr<outline_node>;

  base::result<> learn(const std::string& device_id, const assignment& assigned,
                       base::steady_time now);
  exit_nodes choose_for(const std::string& device_id, base::random_source& random) const;
  bool is_older(const std::string& node_id, base::steady_time moment) const;
  std::vector<shared_node> watched(base::steady_time now) const;
  std::vector<node_outcome> take_outcomes(std::size_t most);
  std::size_t size() const noexcept { return nodes_.size(); }

 private:
  struct entry {
    shared_node node;
    base::secret_bytes access_url;
    base::steady_time assigned_at{};
  };
  struct offer {
    std::string node_id;
    std::uint32_t weight = 1;
  };

  base::result<> learn_node(const assigned_node& one, base::steady_time now);
  void make_room();

  std::map<std::string, entry> nodes_;
  std::map<std::string, std::vector<offer>> offers_;
};

}
