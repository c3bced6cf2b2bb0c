#pragma once

#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::storage {

enum class engine_kind { sqlite, postgresql };

inline constexpr std::string_view memory_path = ":memory:";

class database_address {
 public:
  database_address() = default;
  static base::result<database_address> parse(std::string_view dsn);

  engine_kind engine() const noexcept { return engine_; }
  const std::string& path() const noexcept { return path_; }
  const base::secret_bytes& connection_text() const noexcept { return connection_text_; }
  bool holds_password() const noexcept;

 private:
  engine_kind engine_ = engine_kind::sqlite;
  std::string path_{memory_path};
  base::secret_bytes connection_text_;
};

}
