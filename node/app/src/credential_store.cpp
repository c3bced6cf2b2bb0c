#include "credential_store.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "credential.hpp"
#include "httvps/base/secret_text.hpp"
#include "httvps/node/app/errc.hpp"
#include "private_file.hpp"

namespace httvps::node {
namespace {

namespace json = boost::json;

constexpr std::size_t kept_file_most = 8192;

struct kept_credentials {
  base::secret_bytes given;
  base::secret_bytes present;
  base::secret_bytes former;
};

json::string revealed(const base::secret_bytes& secret) {
  const auto text = secret.reveal_text();
  return json::string(text.data(), text.size());
}

base::secret_bytes take_secret(json::object& record, std::string_view name) {
  auto* value = record.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return {};
  }
  return base::take_text(value->get_string());
}

std::optional<kept_credentials> read_kept(const std::string& path) {
  const auto content = read_private_file(path, kept_file_most);
  if (!content) {
    return std::nullopt;
  }
  json::error_code failure;
  const auto text = content->reveal_text();
  auto value = json::parse(json::string_view(text.data(), text.size()), failure);
  auto* record = failure ? nullptr : value.if_object();
  if (record == nullptr) {
    return std::nullopt;
  }
  kept_credentials kept{.given = take_secret(*record, "given"),
                        .present = take_secret(*record, "credential"),
                        .former = take_secret(*record, "former_credential")};
  return kept.present.empty() ? std::nullopt : std::optional(std::move(kept));
}

void add(std::vector<base::secret_bytes>& all, const base::secret_bytes& one) {
  if (!one.empty() && std::ranges::find(all, one) == all.end()) {
    all.push_back(one);
  }
}

}

base::result<std::vector<base::secret_bytes>> credential_store::candidates() const {
  const auto given = load_credential(given_file_);
  const auto kept = read_kept(kept_file_);
  if (!given && !kept) {
    return base::fail(given.error());
  }
  std::vector<base::secret_bytes> all;
  const bool is_given_anew = given && kept && !(kept->given == *given);
  if (is_given_anew) {
    add(all, *given);
  }
  if (kept) {
    add(all, kept->present);
    add(all, kept->former);
  }
  if (given) {
    add(all, *given);
  }
  return all;
}

base::result<base::secret_bytes> credential_store::choose() const {
  HTTVPS_TRY(auto all, candidates());
  return std::move(all.front());
}

base::result<base::secret_bytes> credential_store::next_after(
    const base::secret_bytes& refused) const {
  HTTVPS_TRY(auto all, candidates());
  const auto found = std::ranges::find(all, refused);
  const auto at = static_cast<std::size_t>(found - all.begin());
  const bool has_another = found != all.end() && at + 1 < all.size();
  return std::move(all[has_another ? at + 1 : 0]);
}

base::result<void> credential_store::keep(const base::secret_bytes& next,
                                          const base::secret_bytes& present) const {
  const auto given = load_credential(given_file_);
  json::object record{{"given", given ? revealed(*given) : json::string()},
                      {"credential", revealed(next)},
                      {"former_credential", revealed(present)}};
  auto text = json::serialize(record);
  for (auto& field : record) {
    base::wipe_text(field.value().as_string());
  }
  const auto content = base::take_text(text);
  return replace_private_file(kept_file_, content);
}

}
