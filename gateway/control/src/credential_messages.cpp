#include "httvps/gateway/control/credential_messages.hpp"

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {

base::result<renewed_credential> decode_renewal(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  HTTVPS_TRY(auto text, text_field(answer, "credential"));
  if (text.empty()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  renewed_credential renewed{.credential = base::secret_bytes::from_text(text)};
  base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  HTTVPS_TRY(renewed.lasts, optional_seconds(answer, "expires_s"));
  return renewed;
}

}
