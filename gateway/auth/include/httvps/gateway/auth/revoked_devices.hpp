#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/gateway/auth/device_standing.hpp"

namespace httvps::gateway {

class revoked_devices final : public revocation_set {
 public:
  explicit revoked_devices(std::size_t limit) : limit_(limit) {}

  base::result<> add(std::string_view device_id);
  void remove(std::string_view device_id);
  base::result<> replace(std::span<const std::string> device_ids);
  bool contains(std::string_view device_id) const override;
  std::size_t size() const noexcept { return ids_.size(); }

 private:
  std::size_t limit_;
  std::set<std::string, std::less<>> ids_;
};

}
