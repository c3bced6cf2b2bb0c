#include "httvps/backend/shared/redis_address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "httvps/backend/shared/errc.hpp"

namespace httvps::backend::shared {
namespace {

namespace urls = boost::urls;

constexpr std::size_t longest_address = 2048;
constexpr std::size_t longest_socket_path = 107;
constexpr std::uint32_t most_databases = 16384;

std::unexpected<std::error_code> invalid() {
  return base::fail(errc::address_invalid);
}

base::result<std::uint32_t> parse_database(std::string_view text) {
  std::uint32_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end || number >= most_databases) {
    return invalid();
  }
  return number;
}

base::result<redis_transport> transport_of(std::string_view scheme) {
  if (scheme == "redis") {
    return redis_transport::tcp;
  }
  if (scheme == "unix") {
    return redis_transport::unix_socket;
  }
  return scheme == "rediss" ? base::fail(errc::tls_unsupported) : invalid();
}

base::result<> read_socket(const urls::url_view& url, redis_address& made) {
  made.path = url.path();
  const bool fits = made.path.size() > 1 && made.path.size() <= longest_socket_path;
  if (!fits || !url.host().empty()) {
    return invalid();
  }
  for (const auto& each : url.params()) {
    if (each.key != "db") {
      return invalid();
    }
    HTTVPS_TRY(made.database, parse_database(each.value));
  }
  return {};
}

base::result<> read_host(const urls::url_view& url, redis_address& made) {
  made.host = url.host_address();
  if (made.host.empty() || url.has_query() || (url.has_port() && url.port_number() == 0)) {
    return invalid();
  }
  made.port = url.has_port() ? url.port_number() : made.port;
  const std::string path = url.path();
  if (path.size() > 1) {
    HTTVPS_TRY(made.database, parse_database(std::string_view(path).substr(1)));
  }
  return {};
}

}

base::result<redis_address> redis_address::parse(std::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (text.size() > longest_address || !parsed || parsed->has_fragment()) {
    return invalid();
  }
  redis_address made;
  const auto scheme = parsed->scheme();
  HTTVPS_TRY(made.over, transport_of({scheme.data(), scheme.size()}));
  made.user = parsed->user();
  made.password = base::secret_bytes::from_text(parsed->password());
  HTTVPS_CHECK(made.over == redis_transport::tcp ? read_host(*parsed, made)
                                                 : read_socket(*parsed, made));
  return made;
}

}
