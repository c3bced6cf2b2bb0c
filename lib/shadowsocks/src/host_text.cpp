#include "host_text.hpp"

#include <algorithm>
#include <optional>

namespace httvps::shadowsocks {
namespace {

constexpr std::size_t ipv6_groups = 8;
constexpr std::size_t max_name_size = 253;
constexpr std::size_t max_label_size = 63;

bool is_hex_digit(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

bool is_group(std::string_view group) {
  return !group.empty() && group.size() <= 4 && std::ranges::all_of(group, is_hex_digit);
}

std::optional<std::size_t> count_groups(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  std::size_t count = 1;
  for (auto colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':')) {
    if (!is_group(text.substr(0, colon))) {
      return std::nullopt;
    }
    text.remove_prefix(colon + 1);
    ++count;
  }
  return is_group(text) ? std::optional(count) : std::nullopt;
}

bool is_ipv6(std::string_view text) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    return count_groups(text) == ipv6_groups;
  }
  const auto before = count_groups(text.substr(0, gap));
  const auto after = count_groups(text.substr(gap + 2));
  return before && after && *before + *after < ipv6_groups;
}

bool is_label_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' ||
         letter == '_';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_size &&
         std::ranges::all_of(label, is_label_letter);
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > max_name_size) {
    return false;
  }
  while (text.contains('.')) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) {
      return false;
    }
    text.remove_prefix(dot + 1);
  }
  return is_label(text);
}

std::string lowered(std::string_view text) {
  std::string copy(text);
  std::ranges::transform(copy, copy.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return copy;
}

}

base::result<std::string> parse_host(std::string_view text) {
  auto host = lowered(text);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (is_ipv6(host)) {
      return host;
    }
    return base::fail(errc::malformed_host);
  }
  if (!is_name(host)) {
    return base::fail(errc::malformed_host);
  }
  return host;
}

}
