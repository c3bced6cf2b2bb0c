#include "httvps/outline/management_access.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "httvps/base/encoding.hpp"

namespace httvps::outline {
namespace {

namespace json = boost::json;

constexpr std::string_view scheme = "https://";
constexpr std::size_t url_most = 2048;
constexpr std::size_t text_most = 16384;

std::unexpected<base::error> invalid() {
  return base::fail(errc::access_invalid);
}

bool is_path_letter(char letter) noexcept {
  const bool digit = letter >= '0' && letter <= '9';
  const bool alphabetic = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return digit || alphabetic || letter == '-' || letter == '_' || letter == '/';
}

base::result<base::secret_bytes> parse_path(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (path.size() < 2 || !path.starts_with('/') || !std::ranges::all_of(path, is_path_letter)) {
    return invalid();
  }
  return base::secret_bytes::from_text(path);
}

std::string_view text_of(const json::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

std::string_view line_of(std::string_view text, std::string_view name) {
  const auto start = text.find(name);
  if (start == std::string_view::npos) {
    return {};
  }
  const auto rest = text.substr(start + name.size());
  return rest.substr(0, std::min(rest.find_first_of(" \t\r\n"), rest.size()));
}

}

base::result<management_access> parse_access(std::string_view api_url,
                                             std::string_view certificate_sha256) {
  if (api_url.size() > url_most || !api_url.starts_with(scheme)) {
    return invalid();
  }
  const auto rest = api_url.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto place = net::parse_endpoint(rest.substr(0, slash));
  const auto digest = base::from_hex(certificate_sha256);
  management_access access;
  if (!place || place->port == 0 || !digest || digest->size() != access.certificate.size()) {
    return invalid();
  }
  access.place = *place;
  base::copy_bytes(access.certificate, *digest);
  HTTVPS_TRY(access.path, parse_path(rest.substr(slash)));
  return access;
}

base::result<management_access> parse_installer_text(std::string_view text) {
  if (text.size() > text_most) {
    return invalid();
  }
  json::error_code failure;
  const auto value = json::parse(json::string_view(text.data(), text.size()), failure);
  if (!failure && value.is_object()) {
    const auto& document = value.get_object();
    return parse_access(text_of(document, "apiUrl"), text_of(document, "certSha256"));
  }
  return parse_access(line_of(text, "apiUrl:"), line_of(text, "certSha256:"));
}

}
