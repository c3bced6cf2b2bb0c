#include "httvps/gateway/control/membership.hpp"

#include <filesystem>

#include "httvps/gateway/control/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {
namespace {

std::string file_in(const std::string& state_dir) {
  return state_dir + "/membership.json";
}

base::result<membership> decode(std::string_view text) {
  HTTVPS_TRY(const auto object, parse_object(text));
  membership joined;
  HTTVPS_TRY(joined.gateway_id, text_field(object, "gateway_id"));
  HTTVPS_TRY(const auto credential, text_field(object, "credential"));
  HTTVPS_TRY(joined.path, text_field(object, "path"));
  HTTVPS_TRY(joined.cookie, text_field(object, "cookie"));
  HTTVPS_TRY(joined.root, text_field(object, "root"));
  HTTVPS_TRY(joined.key_set, text_field(object, "key_set"));
  HTTVPS_TRY(joined.approved, flag_field(object, "approved"));
  joined.credential = base::secret_bytes::from_text(credential);
  return joined;
}

}

base::result<void> store_membership(const std::string& state_dir, const membership& joined) {
  const auto credential = joined.credential.reveal_text();
  const auto text = boost::json::serialize(
      boost::json::object{{"gateway_id", joined.gateway_id},
                          {"credential", boost::json::string(credential.data(), credential.size())},
                          {"path", joined.path},
                          {"cookie", joined.cookie},
                          {"root", joined.root},
                          {"key_set", joined.key_set},
                          {"approved", joined.approved}});
  const auto path = file_in(state_dir);
  const auto fresh = path + ".new";
  std::error_code failure;
  std::filesystem::remove(fresh, failure);
  HTTVPS_CHECK(identity::store_secret_file(fresh, base::secret_bytes::from_text(text)));
  std::filesystem::rename(fresh, path, failure);
  if (failure) {
    return base::fail(failure);
  }
  return {};
}

base::result<membership> load_membership(const std::string& state_dir) {
  const auto content = identity::load_secret_file(file_in(state_dir));
  if (!content) {
    return base::fail(control_errc::membership_missing);
  }
  auto joined = decode(content->reveal_text());
  if (!joined) {
    return base::fail(control_errc::membership_invalid);
  }
  return joined;
}

}
