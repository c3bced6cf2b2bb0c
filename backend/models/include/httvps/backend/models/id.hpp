#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::models {

enum class id_kind {
  user,
  plan,
  subscription,
  device,
  ticket,
  gateway,
  node,
  access_key,
  admin,
  audit_entry,
  admin_token,
  join_token
};

inline constexpr std::array<std::string_view, 12> id_prefixes = {"usr_", "plan_", "sub_",  "dev_",
                                                                 "tkt_", "gw_",   "node_", "key_",
                                                                 "adm_", "aud_",  "tok_",  "jtk_"};

inline constexpr std::size_t id_digits = 26;

constexpr std::string_view prefix_of(id_kind kind) noexcept {
  return id_prefixes[static_cast<std::size_t>(kind)];
}

std::string make_id_text(id_kind kind, base::system_time now, base::random_source& random);
bool is_id_text(id_kind kind, std::string_view text) noexcept;

template <id_kind Kind>
class public_id {
 public:
  public_id() = default;

  static public_id make(base::system_time now, base::random_source& random) {
    return public_id(make_id_text(Kind, now, random));
  }
  static std::optional<public_id> parse(std::string_view text) {
    return is_id_text(Kind, text) ? std::optional(public_id(std::string(text))) : std::nullopt;
  }
  static public_id trusted(std::string text) { return public_id(std::move(text)); }

  const std::string& text() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }
  auto operator<=>(const public_id&) const = default;

 private:
  explicit public_id(std::string text) noexcept : text_(std::move(text)) {}

  std::string text_;
};

using user_id = public_id<id_kind::user>;
using plan_id = public_id<id_kind::plan>;
using subscription_id = public_id<id_kind::subscription>;
using device_id = public_id<id_kind::device>;
using ticket_id = public_id<id_kind::ticket>;
using gateway_id = public_id<id_kind::gateway>;
using node_id = public_id<id_kind::node>;
using access_key_id = public_id<id_kind::access_key>;
using admin_id = public_id<id_kind::admin>;
using audit_id = public_id<id_kind::audit_entry>;
using admin_token_id = public_id<id_kind::admin_token>;
using join_token_id = public_id<id_kind::join_token>;

}
