#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "httvps/base/secret.hpp"

namespace httvps::backend::shared {

class key_names {
 public:
  explicit key_names(base::secret_bytes key) noexcept : key_(std::move(key)) {}

  std::string digest(std::initializer_list<std::string_view> parts) const;
  std::string name(std::string_view kind, std::initializer_list<std::string_view> parts) const;

 private:
  base::secret_bytes key_;
};

}
