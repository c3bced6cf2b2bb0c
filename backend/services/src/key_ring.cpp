#include "httvps/backend/services/key_ring.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t digest_bytes = 16;
constexpr std::size_t shown_bytes = 8;
constexpr std::string_view key_id_label = "httvps field key";

bool is_key_letter(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' ||
         letter == '.';
}

bool has_fitting_keys(const ring_parts& parts) {
  std::set<std::string_view> ids;
  return parts.keys.size() <= most_ring_keys + 1 &&
         std::ranges::all_of(parts.keys, [&](const named_key& one) {
           return is_key_name(one.id) && one.key.size() == field_key_size &&
                  ids.insert(one.id).second;
         });
}

}

bool is_key_name(std::string_view id) noexcept {
  return !id.empty() && id.size() <= longest_key_name && id != clear_key_id &&
         std::ranges::all_of(id, is_key_letter);
}

std::string derived_key_id(const base::secret_bytes& key) {
  base::byte_array<digest_bytes> digest{};
  const auto label = base::as_bytes(key_id_label);
  crypto_generichash(digest.data(), digest.size(), label.data(), label.size(), key.reveal().data(),
                     key.size());
  return base::to_hex(base::byte_view(digest).first(shown_bytes));
}

base::result<key_ring> key_ring::make(ring_parts parts) {
  if (sodium_init() < 0 || !has_fitting_keys(parts)) {
    return base::fail(errc::key_ring_invalid);
  }
  if (parts.mode == sealing_mode::off) {
    parts.active = clear_key_id;
    return key_ring(std::move(parts));
  }
  key_ring made(std::move(parts));
  if (made.find(made.active()) == nullptr) {
    return base::fail(errc::key_ring_invalid);
  }
  return made;
}

std::vector<std::string> key_ring::ids() const {
  std::vector<std::string> all;
  std::ranges::transform(parts_.keys, std::back_inserter(all), &named_key::id);
  return all;
}

const base::secret_bytes* key_ring::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(parts_.keys, id, &named_key::id);
  return found == parts_.keys.end() ? nullptr : &found->key;
}

}
