#include "httvps/shadowsocks/access_key.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "host_text.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"
#include "prefix_text.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr std::string_view scheme = "ss://";

struct text_pair {
  std::string_view left;
  std::string_view right;
};

text_pair split_at(std::string_view text, std::size_t position) {
  if (position == std::string_view::npos) {
    return {.left = text, .right = {}};
  }
  return {.left = text.substr(0, position), .right = text.substr(position + 1)};
}

bool starts_with_scheme(std::string_view uri) {
  return uri.size() > scheme.size() && (uri[0] | 0x20) == 's' && (uri[1] | 0x20) == 's' &&
         uri.substr(2, 3) == scheme.substr(2);
}

base::result<base::secret_bytes> percent_decode_secret(std::string_view text) {
  auto decoded = base::percent_decode(text);
  if (!decoded) {
    return base::fail(errc::malformed_userinfo);
  }
  return base::take_text(*decoded);
}

base::result<base::secret_bytes> decode_any_base64(std::string_view text) {
  HTTVPS_TRY(const auto unescaped, percent_decode_secret(text));
  std::string letters(unescaped.reveal_text());
  const base::scope_exit forget([&letters] { base::wipe_text(letters); });
  std::ranges::replace(letters, '+', '-');
  std::ranges::replace(letters, '/', '_');
  for (int padding = 0; padding < 2 && letters.ends_with('='); ++padding) {
    letters.pop_back();
  }
  auto bytes = base::from_base64url(letters);
  if (!bytes) {
    return base::fail(errc::malformed_userinfo);
  }
  return base::secret_bytes(std::move(*bytes));
}

base::result<> read_password(access_key& key, base::secret_bytes password) {
  if (password.empty()) {
    return base::fail(errc::empty_password);
  }
  key.password = std::move(password);
  return {};
}

base::result<> read_credentials(access_key& key, std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    return base::fail(errc::malformed_userinfo);
  }
  const auto parts = split_at(text, colon);
  HTTVPS_TRY(key.method, method_from_name(parts.left));
  return read_password(key, base::secret_bytes::from_text(parts.right));
}

base::result<> read_plain_userinfo(access_key& key, std::string_view userinfo) {
  const auto parts = split_at(userinfo, userinfo.find(':'));
  HTTVPS_TRY(key.method, method_from_name(parts.left));
  HTTVPS_TRY(auto password, percent_decode_secret(parts.right));
  return read_password(key, std::move(password));
}

base::result<> read_userinfo(access_key& key, std::string_view userinfo) {
  if (userinfo.contains(':')) {
    return read_plain_userinfo(key, userinfo);
  }
  HTTVPS_TRY(const auto decoded, decode_any_base64(userinfo));
  return read_credentials(key, decoded.reveal_text());
}

base::result<> read_port(access_key& key, std::string_view text) {
  std::uint16_t port = 0;
  const auto* begin = text.data();
  const auto* end = begin + text.size();
  const auto parsed = std::from_chars(begin, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0 || text.size() > 5) {
    return base::fail(errc::malformed_port);
  }
  key.port = port;
  return {};
}

base::result<> read_address(access_key& key, std::string_view address) {
  if (address.ends_with('/')) {
    address.remove_suffix(1);
  }
  const auto closing = address.rfind(']');
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || (closing != std::string_view::npos && colon < closing)) {
    return base::fail(errc::malformed_port);
  }
  const auto parts = split_at(address, colon);
  HTTVPS_TRY(key.host, parse_host(parts.left));
  return read_port(key, parts.right);
}

base::result<> read_parameter(access_key& key, text_pair parameter) {
  const auto& [name, value] = parameter;
  if (name == "plugin" && !value.empty()) {
    return base::fail(errc::plugin_refused);
  }
  if (name == "outline" && value == "1") {
    key.issuer = key_issuer::outline;
  }
  if (name != "prefix") {
    return {};
  }
  if (!key.prefix.empty()) {
    return base::fail(errc::malformed_query);
  }
  HTTVPS_TRY(key.prefix, prefix_from_text(value));
  return {};
}

base::result<> read_query(access_key& key, std::string_view query) {
  while (!query.empty()) {
    const auto parts = split_at(query, query.find('&'));
    HTTVPS_CHECK(read_parameter(key, split_at(parts.left, parts.left.find('='))));
    query = parts.right;
  }
  if (key.prefix.size() > prefix_limit(key.method)) {
    return base::fail(errc::prefix_too_long);
  }
  return {};
}

bool is_printable(std::string_view text) {
  return base::is_valid_utf8(text) && std::ranges::none_of(text, [](char letter) {
           return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
         });
}

base::result<> read_tag(access_key& key, std::string_view text) {
  auto tag = base::percent_decode(text);
  if (!tag || !is_printable(*tag)) {
    return base::fail(errc::malformed_tag);
  }
  key.tag = std::move(*tag);
  return {};
}

base::result<> read_legacy(access_key& key, std::string_view encoded) {
  if (encoded.ends_with('/')) {
    encoded.remove_suffix(1);
  }
  auto decoded = decode_any_base64(encoded);
  if (!decoded) {
    return base::fail(errc::not_an_access_key);
  }
  const auto text = decoded->reveal_text();
  const auto at_sign = text.rfind('@');
  if (at_sign == std::string_view::npos) {
    return base::fail(errc::malformed_userinfo);
  }
  const auto parts = split_at(text, at_sign);
  HTTVPS_CHECK(read_credentials(key, parts.left));
  return read_address(key, parts.right);
}

base::result<> read_location(access_key& key, std::string_view text) {
  const auto at_sign = text.rfind('@');
  if (at_sign == std::string_view::npos) {
    return read_legacy(key, text);
  }
  const auto parts = split_at(text, at_sign);
  HTTVPS_CHECK(read_userinfo(key, parts.left));
  return read_address(key, parts.right);
}

std::string query_of(const access_key& key) {
  std::string query;
  if (key.issuer == key_issuer::outline) {
    query += "outline=1";
  }
  if (!key.prefix.empty()) {
    query += query.empty() ? "prefix=" : "&prefix=";
    query += prefix_to_text(key.prefix);
  }
  return query.empty() ? query : "/?" + query;
}

std::string userinfo_of(const access_key& key) {
  base::byte_vector plain;
  const auto method = name_of(key.method);
  plain.reserve(method.size() + 1 + key.password.size());
  base::append(plain, base::as_bytes(method));
  plain.push_back(':');
  base::append(plain, key.password.reveal());
  auto text = base::to_base64url(plain);
  base::wipe(plain);
  return text;
}

}

base::result<access_key> parse_access_key(std::string_view uri) {
  if (uri.size() > max_access_key_size) {
    return base::fail(errc::key_too_long);
  }
  if (!starts_with_scheme(uri)) {
    return base::fail(errc::not_an_access_key);
  }
  const auto tagged = split_at(uri.substr(scheme.size()), uri.substr(scheme.size()).find('#'));
  const auto queried = split_at(tagged.left, tagged.left.find('?'));
  access_key key;
  HTTVPS_CHECK(read_location(key, queried.left));
  HTTVPS_CHECK(read_query(key, queried.right));
  HTTVPS_CHECK(read_tag(key, tagged.right));
  return key;
}

base::secret_bytes to_uri(const access_key& key) {
  const auto host = key.host.contains(':') ? "[" + key.host + "]" : key.host;
  const auto tail = "@" + host + ":" + std::to_string(key.port) + query_of(key) +
                    (key.tag.empty() ? "" : "#" + base::percent_encode(key.tag));
  auto userinfo = userinfo_of(key);
  base::byte_vector uri;
  uri.reserve(scheme.size() + userinfo.size() + tail.size());
  base::append(uri, base::as_bytes(scheme));
  base::append(uri, base::as_bytes(userinfo));
  base::append(uri, base::as_bytes(tail));
  base::wipe_text(userinfo);
  return base::secret_bytes(std::move(uri));
}

}
