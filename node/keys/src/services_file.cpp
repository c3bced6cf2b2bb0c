#include "httvps/node/keys/services_file.hpp"

#include <algorithm>

#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"

namespace httvps::node {
namespace {

constexpr std::size_t bytes_a_key = 128 + key_id_most + 2 * key_secret_most;

void append_quoted(std::string& text, std::string_view value) {
  text += '"';
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') {
      text += '\\';
    }
    text += letter;
  }
  text += '"';
}

void append_listener(std::string& text, std::string_view type, std::string_view address) {
  text.append("      - type: ").append(type).append("\n        address: ");
  append_quoted(text, address);
  text += '\n';
}

void append_key(std::string& text, const node_key& key) {
  text += "      - id: ";
  append_quoted(text, key.id);
  text.append("\n        cipher: ").append(shadowsocks::name_of(key.method));
  text += "\n        secret: ";
  append_quoted(text, key.secret.reveal_text());
  text += '\n';
}

}

std::size_t count_to_list(std::size_t keys, std::span<const std::size_t> taken) noexcept {
  auto count = keys;
  while (keys > 0 && std::ranges::find(taken, count) != taken.end()) {
    ++count;
  }
  return count;
}

base::secret_bytes to_yaml(const services_file& file) {
  std::string text;
  text.reserve(4096 + (file.keys.size() + 1) * bytes_a_key);
  const base::scope_exit wiped([&text] { base::wipe_text(text); });
  text += "services:\n  - listeners:\n";
  for (const auto& address : file.listen) {
    append_listener(text, "tcp", address);
    append_listener(text, "udp", address);
  }
  text += file.keys.empty() ? "    keys: []\n" : "    keys:\n";
  for (const auto& key : file.keys) {
    append_key(text, key);
  }
  for (auto count = file.keys.size(); count < file.listed && !file.keys.empty(); ++count) {
    append_key(text, file.keys.back());
  }
  return base::secret_bytes::from_text(text);
}

}
