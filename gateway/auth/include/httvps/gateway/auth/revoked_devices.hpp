#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "httvps/base/error.hpp"
#include "httvps/gateway/auth/device_standing.hpp"

namespace httvps::gateway {

struct device_withdrawal {
  std::string device_id;
  withdrawal how = withdrawal::revoked;
};

class revoked_devices final : public revocation_set {
 public:
  explicit revoked_devices(std::size_t limit) : limit_(limit) {}

  base::result<> add(const device_withdrawal& device);
  void remove(std::string_view device_id);
  base::result<> replace(std::span<const device_withdrawal> devices);
  std::optional<withdrawal> find(std::string_view device_id) const override;
  std::size_t size() const noexcept { return devices_.size(); }

 private:
  std::size_t limit_;
  std::map<std::string, withdrawal, std::less<>> devices_;
};

}
