#include "httvps/gateway/control/credential_messages.hpp"

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {

base::result<renewed_credential> decode_renewal(std::string_view body) {
  HTTVPS_TRY(auto answer, parse_object(body));
  renewed_credential renewed;
  HTTVPS_TRY(renewed.credential, take_secret(answer, "credential"));
  if (renewed.credential.empty()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  HTTVPS_TRY(renewed.lasts, optional_seconds(answer, "expires_s"));
  return renewed;
}

}
