#include "credential.hpp"

#include <algorithm>

#include "httvps/node/app/errc.hpp"
#include "private_file.hpp"

namespace httvps::node {
namespace {

constexpr std::size_t credential_file_most = 1024;

bool is_visible(char letter) noexcept {
  return letter > ' ' && letter <= '~';
}

}

base::result<base::secret_bytes> load_credential(const std::string& path) {
  HTTVPS_TRY(const auto content, read_private_file(path, credential_file_most));
  auto text = content.reveal_text();
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  if (text.empty() || !std::ranges::all_of(text, is_visible)) {
    return base::fail(app_errc::credential_invalid);
  }
  return base::secret_bytes::from_text(text);
}

}
