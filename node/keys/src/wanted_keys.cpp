#include "httvps/node/keys/wanted_keys.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

constexpr char first_printable = ' ';
constexpr char last_printable = '~';

bool is_id_letter(char letter) noexcept {
  const bool digit = letter >= '0' && letter <= '9';
  const bool small = letter >= 'a' && letter <= 'z';
  const bool capital = letter >= 'A' && letter <= 'Z';
  return digit || small || capital || letter == '.' || letter == '_' || letter == '-';
}

bool is_printable(char letter) noexcept {
  return letter >= first_printable && letter <= last_printable;
}

base::result<void> check_key(const node_key& key) {
  if (!is_key_id(key.id)) {
    return base::fail(keys_errc::key_id_invalid);
  }
  if (!is_key_secret(key.secret.reveal_text())) {
    return base::fail(keys_errc::key_secret_invalid);
  }
  return {};
}

}

bool is_key_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= key_id_most && std::ranges::all_of(text, is_id_letter);
}

bool is_key_secret(std::string_view text) noexcept {
  return text.size() >= key_secret_least && text.size() <= key_secret_most &&
         std::ranges::all_of(text, is_printable);
}

base::result<void> check(const wanted_keys& wanted) {
  if (wanted.keys.size() > keys_most) {
    return base::fail(keys_errc::too_many_keys);
  }
  std::set<std::string_view> ids;
  std::set<std::pair<shadowsocks::cipher_method, std::string_view>> secrets;
  for (const auto& key : wanted.keys) {
    HTTVPS_CHECK(check_key(key));
    const bool fresh_id = ids.insert(key.id).second;
    const bool fresh_secret = secrets.insert({key.method, key.secret.reveal_text()}).second;
    if (!fresh_id || !fresh_secret) {
      return base::fail(keys_errc::key_repeated);
    }
  }
  return {};
}

bool is_wanted(const wanted_keys& wanted, std::string_view key_id) noexcept {
  return std::ranges::any_of(wanted.keys,
                             [key_id](const node_key& key) { return key.id == key_id; });
}

}
