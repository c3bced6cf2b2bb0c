#include "httvps/backend/models/gateway_key.hpp"

#include <algorithm>

namespace httvps::backend::models {
namespace {

base::byte_count above(base::byte_count before, base::byte_count now) noexcept {
  return now > before ? now - before : 0;
}

}

key_traffic growth(const key_traffic& before, const key_traffic& now) noexcept {
  return {.up = above(before.up, now.up),
          .down = above(before.down, now.down),
          .wire_up = above(before.wire_up, now.wire_up),
          .wire_down = above(before.wire_down, now.wire_down)};
}

key_traffic highest(const key_traffic& left, const key_traffic& right) noexcept {
  return {.up = std::max(left.up, right.up),
          .down = std::max(left.down, right.down),
          .wire_up = std::max(left.wire_up, right.wire_up),
          .wire_down = std::max(left.wire_down, right.wire_down)};
}

void activate(gateway_key& key, base::system_time now) noexcept {
  key.state = key_state::active;
  key.activated_at = now;
}

void retire(gateway_key& key, base::system_time now) noexcept {
  key.state = key_state::retiring;
  key.retire_at = now + key_overlap;
}

void remove(gateway_key& key, base::system_time now) noexcept {
  key.state = key_state::removed;
  key.sealed_secret.clear();
  key.removed_at = now;
}

bool is_listed(const gateway_key& key) noexcept {
  return key.state != key_state::removed;
}

bool is_due_for_rotation(const gateway_key& key, base::system_time now) noexcept {
  return key.state == key_state::active && key.activated_at &&
         now - *key.activated_at >= key_lifetime;
}

bool is_overlap_over(const gateway_key& key, base::system_time now) noexcept {
  return key.state == key_state::retiring && key.retire_at && *key.retire_at <= now;
}

}
