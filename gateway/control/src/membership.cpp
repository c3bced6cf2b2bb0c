#include "httvps/gateway/control/membership.hpp"

#include <initializer_list>

#include "httvps/base/secret_text.hpp"
#include "httvps/gateway/control/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {
namespace {

std::string file_in(const std::string& state_dir) {
  return state_dir + "/membership.json";
}

boost::json::string revealed(const base::secret_bytes& secret) {
  const auto text = secret.reveal_text();
  return boost::json::string(text.data(), text.size());
}

void wipe_fields(boost::json::object& record, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    base::wipe_text(record.at(boost::json::string_view(name.data(), name.size())).as_string());
  }
}

base::result<membership> decode(std::string_view text) {
  HTTVPS_TRY(auto object, parse_object(text));
  membership joined;
  HTTVPS_TRY(joined.credential, take_secret(object, "credential"));
  HTTVPS_TRY(joined.former_credential, take_optional_secret(object, "former_credential"));
  HTTVPS_TRY(joined.gateway_id, text_field(object, "gateway_id"));
  HTTVPS_TRY(joined.path, text_field(object, "path"));
  HTTVPS_TRY(joined.cookie, text_field(object, "cookie"));
  HTTVPS_TRY(joined.root, text_field(object, "root"));
  HTTVPS_TRY(joined.key_set, text_field(object, "key_set"));
  HTTVPS_TRY(joined.approved, flag_field(object, "approved"));
  HTTVPS_TRY(joined.revocation_version, optional_number(object, "revocation_version"));
  return joined;
}

}

base::result<void> store_membership(const std::string& state_dir, const membership& joined) {
  boost::json::object record{{"gateway_id", joined.gateway_id},
                             {"credential", revealed(joined.credential)},
                             {"former_credential", revealed(joined.former_credential)},
                             {"path", joined.path},
                             {"cookie", joined.cookie},
                             {"root", joined.root},
                             {"key_set", joined.key_set},
                             {"approved", joined.approved},
                             {"revocation_version", joined.revocation_version}};
  auto text = boost::json::serialize(record);
  wipe_fields(record, {"credential", "former_credential"});
  const auto content = base::take_text(text);
  return identity::replace_secret_file(file_in(state_dir), content);
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
