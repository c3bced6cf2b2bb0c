#include "httvps/backend/core/ring_file.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <optional>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::backend::core {
namespace {

namespace json = boost::json;
using services::errc;

constexpr std::size_t parsing_room = 16 * identity::secret_file_limit;

std::optional<services::named_key> key_of(const json::key_value_pair& member) {
  const auto* text = member.value().if_string();
  if (text == nullptr || !services::is_key_name(member.key())) {
    return std::nullopt;
  }
  auto bytes = base::from_base64url(std::string_view(*text));
  if (!bytes || bytes->size() != services::field_key_size) {
    return std::nullopt;
  }
  return services::named_key{.id = std::string(member.key()),
                             .key = base::secret_bytes(*std::move(bytes))};
}

base::result<ring_file> ring_in(const json::object& object) {
  const auto* active = object.if_contains("active");
  const auto* keys = object.if_contains("keys");
  if (object.size() != 2 || active == nullptr || keys == nullptr || !active->is_string() ||
      !keys->is_object()) {
    return base::fail(errc::key_ring_invalid);
  }
  ring_file ring{.keys = {}, .active = std::string(std::string_view(active->get_string()))};
  for (const auto& member : keys->get_object()) {
    auto key = key_of(member);
    if (!key) {
      return base::fail(errc::key_ring_invalid);
    }
    ring.keys.push_back(*std::move(key));
  }
  return ring;
}

base::result<ring_file> parse_ring(const base::secret_bytes& content) {
  base::byte_vector room(parsing_room);
  const base::scope_exit wiped([&] { base::wipe(room); });
  json::monotonic_resource memory(room.data(), room.size());
  boost::system::error_code failure;
  const auto parsed = json::parse(content.reveal_text(), failure, &memory);
  if (failure || !parsed.is_object()) {
    return base::fail(errc::key_ring_invalid);
  }
  return ring_in(parsed.get_object());
}

std::string written(const ring_file& ring) {
  std::string text = "{\n  \"active\": \"" + ring.active + "\",\n  \"keys\": {";
  std::string_view separator = "\n";
  for (const auto& one : ring.keys) {
    text.append(separator).append("    \"").append(one.id).append("\": \"");
    text.append(base::to_base64url(one.key.reveal())).append("\"");
    separator = ",\n";
  }
  return text.append("\n  }\n}\n");
}

auto find_key(ring_file& ring, std::string_view name) {
  return std::ranges::find(ring.keys, name, &services::named_key::id);
}

}

base::result<ring_file> load_ring_file(const std::string& path) {
  const auto content = identity::load_secret_file(path);
  if (!content) {
    const bool missing = content.error() == identity::errc::key_file_missing;
    return base::fail(missing ? base::error(errc::key_ring_missing) : content.error());
  }
  return parse_ring(*content);
}

base::result<> save_ring_file(const std::string& path, const ring_file& ring) {
  auto text = written(ring);
  return identity::replace_secret_file(path, base::take_text(text));
}

base::result<> add_key(ring_file& ring, std::string_view name, base::random_source& random) {
  if (!services::is_key_name(name) || ring.keys.size() >= services::most_ring_keys) {
    return base::fail(errc::key_ring_invalid);
  }
  if (find_key(ring, name) != ring.keys.end()) {
    return base::fail(errc::key_name_taken);
  }
  base::byte_vector bytes(services::field_key_size);
  random.fill(bytes);
  ring.keys.push_back({.id = std::string(name), .key = base::secret_bytes(std::move(bytes))});
  return {};
}

base::result<> activate_key(ring_file& ring, std::string_view name) {
  if (find_key(ring, name) == ring.keys.end()) {
    return base::fail(errc::key_name_unknown);
  }
  ring.active = name;
  return {};
}

}
