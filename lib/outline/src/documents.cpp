#include "documents.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "httvps/outline/errc.hpp"

namespace httvps::outline {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_most = 8;
constexpr std::size_t text_most = 4096;
constexpr std::uint64_t port_most = 65535;

std::unexpected<base::error> malformed() {
  return base::fail(errc::answer_malformed);
}

base::result<json::object> parse_object(std::string_view body) {
  json::parse_options options;
  options.max_depth = depth_most;
  json::error_code failure;
  auto value = json::parse(json::string_view(body.data(), body.size()), failure, {}, options);
  if (failure || !value.is_object()) {
    return malformed();
  }
  return std::move(value.get_object());
}

base::result<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > text_most) {
    return malformed();
  }
  return std::string(value->get_string());
}

std::string text_or_nothing(const json::object& object, std::string_view name) {
  return text_in(object, name).value_or("");
}

base::result<std::uint64_t> number_from(const json::value& value) {
  json::error_code failure;
  const auto number = value.to_number<std::uint64_t>(failure);
  return failure ? base::result<std::uint64_t>(malformed()) : number;
}

base::result<std::uint16_t> port_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto number = value != nullptr ? number_from(*value) : malformed();
  if (!number || *number == 0 || *number > port_most) {
    return malformed();
  }
  return static_cast<std::uint16_t>(*number);
}

base::result<std::optional<base::byte_count>> limit_in(const json::object& object,
                                                       std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return std::optional<base::byte_count>();
  }
  const auto* limit = value->if_object();
  const auto* bytes = limit != nullptr ? limit->if_contains("bytes") : nullptr;
  if (bytes == nullptr) {
    return malformed();
  }
  HTTVPS_TRY(const auto number, number_from(*bytes));
  return std::optional<base::byte_count>(number);
}

base::result<managed_key> key_from(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return malformed();
  }
  managed_key key;
  HTTVPS_TRY(key.id, text_in(*object, "id"));
  HTTVPS_TRY(const auto password, text_in(*object, "password"));
  HTTVPS_TRY(key.port, port_in(*object, "port"));
  HTTVPS_TRY(key.method, text_in(*object, "method"));
  HTTVPS_TRY(key.data_limit, limit_in(*object, "dataLimit"));
  if (key.id.empty() || password.empty()) {
    return malformed();
  }
  key.name = text_or_nothing(*object, "name");
  key.password = base::secret_bytes::from_text(password);
  key.access_url = base::secret_bytes::from_text(text_or_nothing(*object, "accessUrl"));
  return key;
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() &&
         std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
}

bool mentions(std::string_view text, std::string_view word) {
  const auto same = [](char left, char right) { return (left | 0x20) == (right | 0x20); };
  return !std::ranges::search(text, word, same).empty();
}

base::error conflict_of(std::string_view code, std::string_view message) {
  if (mentions(code, "argument")) {
    return errc::argument_refused;
  }
  if (mentions(message, "password")) {
    return errc::password_in_use;
  }
  if (is_number(message) || mentions(message, "port")) {
    return errc::port_in_use;
  }
  return mentions(message, "access key") ? errc::key_exists : errc::conflict;
}

}

base::result<std::string> encode_wish(const key_wish& wish) {
  json::object body;
  if (!wish.name.empty()) {
    body["name"] = wish.name;
  }
  if (!wish.method.empty()) {
    body["method"] = wish.method;
  }
  if (!wish.password.empty()) {
    const auto password = wish.password.reveal_text();
    body["password"] = json::string(password.data(), password.size());
  }
  if (wish.port) {
    body["port"] = *wish.port;
  }
  if (wish.data_limit) {
    body["limit"] = json::object{{"bytes", *wish.data_limit}};
  }
  if (wish.port == 0) {
    return base::fail(errc::argument_invalid);
  }
  return json::serialize(body);
}

std::string encode_limit(base::byte_count most) {
  return json::serialize(json::object{{"limit", json::object{{"bytes", most}}}});
}

std::string encode_text(std::string_view name, std::string_view text) {
  return json::serialize(json::object{
      {json::string_view(name.data(), name.size()), json::string(text.data(), text.size())}});
}

std::string encode_port(std::uint16_t port) {
  return json::serialize(json::object{{"port", port}});
}

base::result<managed_key> decode_key(std::string_view body) {
  HTTVPS_TRY(auto object, parse_object(body));
  return key_from(json::value(std::move(object)));
}

base::result<std::vector<managed_key>> decode_keys(std::string_view body) {
  HTTVPS_TRY(const auto object, parse_object(body));
  const auto* list = object.if_contains("accessKeys");
  if (list == nullptr || !list->is_array()) {
    return malformed();
  }
  std::vector<managed_key> keys;
  for (const auto& each : list->get_array()) {
    HTTVPS_TRY(auto key, key_from(each));
    keys.push_back(std::move(key));
  }
  return keys;
}

base::result<managed_server> decode_server(std::string_view body) {
  HTTVPS_TRY(const auto object, parse_object(body));
  managed_server server;
  HTTVPS_TRY(server.server_id, text_in(object, "serverId"));
  HTTVPS_TRY(server.version, text_in(object, "version"));
  HTTVPS_TRY(server.hostname, text_in(object, "hostnameForAccessKeys"));
  HTTVPS_TRY(server.port_for_new_keys, port_in(object, "portForNewAccessKeys"));
  HTTVPS_TRY(server.default_data_limit, limit_in(object, "accessKeyDataLimit"));
  server.name = text_or_nothing(object, "name");
  return server;
}

base::result<transferred> decode_transfer(std::string_view body) {
  HTTVPS_TRY(const auto object, parse_object(body));
  const auto* by_key = object.if_contains("bytesTransferredByUserId");
  if (by_key == nullptr || !by_key->is_object()) {
    return malformed();
  }
  transferred all;
  for (const auto& member : by_key->get_object()) {
    HTTVPS_TRY(all[std::string(member.key())], number_from(member.value()));
  }
  return all;
}

base::error refusal_of(int status, std::string_view body) {
  const auto document = parse_object(body);
  const auto code = document ? text_or_nothing(*document, "code") : std::string();
  const auto message = document ? text_or_nothing(*document, "message") : std::string();
  switch (status) {
    case 400:
      return errc::argument_refused;
    case 404:
      return code.starts_with("NotFound") ? errc::key_not_found : errc::access_refused;
    case 409:
      return conflict_of(code, message);
    default:
      return status >= 500 && status <= 599 ? errc::server_failed : errc::answer_unexpected;
  }
}

}
