#include "management_secret.hpp"

#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

constexpr char separator = ' ';

}

base::result<std::string> seal_management(const service_tools& tools, const models::node_id& node,
                                          const base::secret_bytes& url,
                                          const std::string& certificate) {
  if (!outline::parse_access(url.reveal_text(), certificate)) {
    return base::fail(errc::management_access_invalid);
  }
  const auto content = base::secret_bytes::from_text(
      std::string(certificate).append(1, separator).append(url.reveal_text()));
  return tools.cipher.seal(management_cell(node), content, tools.random);
}

base::result<outline::management_client> open_management(const service_tools& tools,
                                                         const models::keyring& ring,
                                                         std::chrono::seconds exchange_limit) {
  HTTVPS_TRY(const auto content,
             tools.cipher.open(management_cell(ring.node), ring.sealed_management));
  const auto text = content.reveal_text();
  const auto end = text.find(separator);
  if (end == std::string_view::npos) {
    return base::fail(errc::secret_unreadable);
  }
  HTTVPS_TRY(auto access, outline::parse_access(text.substr(end + 1), text.substr(0, end)));
  return outline::management_client::make(std::move(access), {.whole_exchange = exchange_limit});
}

}
