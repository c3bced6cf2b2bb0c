#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace httvps::backend::storage {

struct migration {
  std::uint32_t version = 0;
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

std::span<const migration> known_migrations() noexcept;

enum class migration_state { applied, waiting };

struct migration_report {
  std::uint32_t version = 0;
  std::string name;
  migration_state state = migration_state::waiting;
};

}
