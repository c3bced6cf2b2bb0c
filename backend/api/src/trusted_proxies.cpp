#include "httvps/backend/api/trusted_proxies.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace httvps::backend::api {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view forwarded_for = "X-Forwarded-For";
constexpr std::string_view blanks = " \t";
constexpr std::size_t bits_of_byte = 8;
constexpr std::uint8_t v4_bits = 32;
constexpr std::uint8_t v6_bits = 128;
constexpr std::uint8_t mapped_bits = v6_bits - v4_bits;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<ip::address_v6> parse_address(std::string_view text) {
  if (text.empty() || text.contains('%')) {
    return std::nullopt;
  }
  boost::system::error_code failure;
  const auto found = ip::make_address(std::string(text), failure);
  if (failure) {
    return std::nullopt;
  }
  return found.is_v4() ? ip::make_address_v6(ip::v4_mapped, found.to_v4()) : found.to_v6();
}

std::string to_text(const ip::address_v6& one) {
  return one.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, one).to_string() : one.to_string();
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc() && read.ptr == end;
}

std::optional<ip::address_v6> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto rest = close == std::string_view::npos ? close : close + 1;
    const bool ends_well = rest == text.size() || (rest < text.size() && text[rest] == ':' &&
                                                   is_port(text.substr(rest + 1)));
    return ends_well ? parse_address(text.substr(1, close - 1)) : std::nullopt;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && colon == text.rfind(':')) {
    return is_port(text.substr(colon + 1)) ? parse_address(text.substr(0, colon)) : std::nullopt;
  }
  return parse_address(text);
}

std::optional<std::uint8_t> parse_prefix(std::string_view text, std::uint8_t most) {
  std::uint8_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0 || number > most) {
    return std::nullopt;
  }
  return number;
}

std::optional<address_range> parse_range(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const auto first = parse_address(host);
  if (!first) {
    return std::nullopt;
  }
  const bool is_v4 = !host.contains(':');
  auto prefix = std::optional(v6_bits);
  if (slash != std::string_view::npos) {
    prefix = parse_prefix(text.substr(slash + 1), is_v4 ? v4_bits : v6_bits);
    if (prefix && is_v4) {
      *prefix += mapped_bits;
    }
  }
  return prefix ? std::optional(address_range{.first = *first, .prefix = *prefix}) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = list.find(',');
    parts.push_back(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return parts;
    }
    list.remove_prefix(comma + 1);
  }
}

class hops_from_the_right {
 public:
  explicit hops_from_the_right(const net::http_fields& headers) {
    for (const auto& each : headers) {
      if (net::equals_ignoring_case(each.name, forwarded_for)) {
        lines_.push_back(each.value);
      }
    }
  }

  std::optional<std::string_view> next() {
    if (lines_.empty()) {
      return std::nullopt;
    }
    auto& line = lines_.back();
    const auto comma = line.rfind(',');
    if (comma == std::string_view::npos) {
      const auto last = trimmed(line);
      lines_.pop_back();
      return last;
    }
    const auto last = trimmed(line.substr(comma + 1));
    line = line.substr(0, comma);
    return last;
  }

 private:
  std::vector<std::string_view> lines_;
};

}

bool address_range::contains(const ip::address_v6& one) const noexcept {
  const auto mine = first.to_bytes();
  const auto others = one.to_bytes();
  const auto whole = static_cast<std::ptrdiff_t>(prefix / bits_of_byte);
  if (!std::equal(mine.begin(), mine.begin() + whole, others.begin())) {
    return false;
  }
  const auto rest = prefix % bits_of_byte;
  if (rest == 0) {
    return true;
  }
  const auto at = static_cast<std::size_t>(whole);
  return (mine[at] ^ others[at]) >> (bits_of_byte - rest) == 0;
}

base::result<trusted_proxies> trusted_proxies::parse(std::string_view list) {
  trusted_proxies made;
  if (trimmed(list).empty()) {
    return made;
  }
  for (const auto part : split(list)) {
    const auto range = parse_range(part);
    if (!range || made.ranges_.size() >= most_proxy_ranges) {
      return base::fail(base::errc::invalid_setting);
    }
    made.ranges_.push_back(*range);
  }
  return made;
}

bool trusted_proxies::trusts(const ip::address_v6& one) const noexcept {
  return std::ranges::any_of(ranges_,
                             [&one](const address_range& each) { return each.contains(one); });
}

std::string trusted_proxies::client_of(const net::http_request& request) const {
  auto nearest = ranges_.empty() ? std::nullopt : parse_address(request.peer_address);
  if (!nearest || !trusts(*nearest)) {
    return request.peer_address;
  }
  hops_from_the_right hops(request.headers);
  for (std::size_t seen = 0; seen < most_forwarded_hops && trusts(*nearest); ++seen) {
    const auto text = hops.next();
    const auto hop = text ? parse_hop(*text) : std::nullopt;
    if (!hop) {
      break;
    }
    nearest = hop;
  }
  return to_text(*nearest);
}

}
