#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/signing_state.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::hours signing_key_term{24 * 30};
inline constexpr std::chrono::minutes signing_key_settling{5};
inline constexpr std::chrono::hours signing_key_overlap{2};
inline constexpr std::chrono::hours signing_key_memory{24 * 31};
inline constexpr std::size_t most_signing_keys = 16;

struct signing_generation {
  std::uint64_t number = 0;
  identity::public_key key;
  base::system_time created_at;
  base::system_time signs_from;

  bool operator==(const signing_generation&) const = default;
};

struct adopted_key {
  identity::public_key key;
  base::system_time adopted_at;

  bool operator==(const adopted_key&) const = default;
};

using models::signing_state;

class signing_history {
 public:
  static base::result<signing_history> parse(std::string_view text);
  static signing_history begin(const identity::public_key& key, base::system_time now);

  std::string written() const;
  const std::vector<signing_generation>& generations() const noexcept { return generations_; }
  const std::vector<adopted_key>& adopted() const noexcept { return adopted_; }
  std::size_t size() const noexcept { return generations_.size() + adopted_.size(); }
  bool knows(const identity::public_key& key) const noexcept;
  const signing_generation& newest() const noexcept { return generations_.back(); }
  const signing_generation& signer_at(base::system_time now) const noexcept;
  signing_state state_of(const signing_generation& one, base::system_time now) const;
  std::optional<base::system_time> replaced_at(const signing_generation& one) const;
  std::vector<identity::public_key> published(base::system_time now) const;
  std::vector<identity::public_key> retired(base::system_time now) const;
  bool is_pending(base::system_time now) const noexcept { return newest().signs_from > now; }
  bool has_forgotten(base::system_time now) const;

  base::result<> add(const identity::public_key& key, base::system_time now);
  base::result<> adopt(const identity::public_key& key, base::system_time now);
  void forget(base::system_time now);

 private:
  std::vector<signing_generation> generations_;
  std::vector<adopted_key> adopted_;
};

}
