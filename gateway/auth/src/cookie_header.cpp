#include "cookie_header.hpp"

#include <optional>

#include "httvps/base/secret.hpp"
#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {
namespace {

struct cookie_pair {
  std::string_view name;
  std::string_view value;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

cookie_pair split_pair(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return {};
  }
  return {.name = trimmed(text.substr(0, equals)), .value = trimmed(text.substr(equals + 1))};
}

}

base::result<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    const auto end = header.find(';');
    const auto pair = split_pair(header.substr(0, end));
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    if (!base::equal_in_constant_time(base::as_bytes(pair.name), base::as_bytes(name))) {
      continue;
    }
    if (found) {
      return base::fail(auth_errc::several_knocks);
    }
    found = pair.value;
  }
  if (!found) {
    return base::fail(auth_errc::no_knock);
  }
  return *found;
}

}
