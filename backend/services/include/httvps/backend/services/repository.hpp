#pragma once

#include <cstddef>
#include <optional>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

struct ended_invitations {
  base::system_time before;
  std::size_t most = 0;
};

template <typename Record, typename Key>
class repository {
 public:
  repository() = default;
  repository(const repository&) = delete;
  repository& operator=(const repository&) = delete;
  virtual ~repository() = default;

  virtual base::result<> insert(const Record& record) = 0;
  virtual base::result<> update(const Record& record) = 0;
  virtual base::result<std::optional<Record>> find(const Key& key) = 0;
};

}
