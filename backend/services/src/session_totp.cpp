#include <fmt/format.h>

#include <algorithm>

#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/session_service.hpp"
#include "httvps/backend/services/totp.hpp"
#include "httvps/base/encoding.hpp"
#include "own_account.hpp"

namespace httvps::backend::services {
namespace {

using models::totp_state;

constexpr std::size_t recovery_bytes = 10;
constexpr std::size_t recovery_group = 4;

cell_name totp_cell(const models::admin& account) {
  return {.table = "admins", .column = "totp_sealed", .record = account.id.text()};
}

std::string recovery_text(base::random_source& random) {
  const auto letters = to_base32(random.take<recovery_bytes>());
  std::string text;
  for (std::size_t i = 0; i < letters.size(); i += recovery_group) {
    text.append(text.empty() ? "" : "-").append(letters.substr(i, recovery_group));
  }
  return text;
}

base::secret_bytes link_of(const models::admin& account, const std::string& secret) {
  return base::secret_bytes::from_text(
      fmt::format("otpauth://totp/HTTVPS:{}?secret={}&issuer=HTTVPS&algorithm=SHA1&digits={}"
                  "&period={}",
                  base::percent_encode(account.name), secret, totp_digits, totp_period.count()));
}

base::result<> spend_totp(const service_tools& tools, models::admin& account,
                          std::string_view code) {
  HTTVPS_TRY(const auto secret, tools.cipher.open(totp_cell(account), account.totp_sealed));
  const auto step = matching_totp_step(
      secret, {.code = code, .now = tools.clock.system_now(), .last_step = account.totp_step});
  if (!step) {
    return base::fail(errc::totp_wrong);
  }
  account.totp_step = *step;
  return {};
}

}

base::result<> session_service::spend_recovery_code(repositories& tables,
                                                    const models::admin& account,
                                                    std::string_view code) const {
  HTTVPS_TRY(auto found,
             required(tables.recovery_codes.find({.owner = account.id, .hash = hash_secret(code)}),
                      errc::totp_wrong));
  if (found.used_at) {
    return base::fail(errc::totp_wrong);
  }
  found.used_at = tools_.clock.system_now();
  return tables.recovery_codes.mark_used(found);
}

base::result<> session_service::spend_code(repositories& tables, models::admin& account,
                                           std::string_view code) const {
  if (code.size() != totp_digits) {
    return spend_recovery_code(tables, account, code);
  }
  HTTVPS_CHECK(spend_totp(tools_, account, code));
  return tables.admins.update(account);
}

base::result<totp_enrolment> session_service::enrol_totp(const admin_actor& actor) const {
  HTTVPS_CHECK(require_session(actor));
  base::byte_vector bytes(totp_secret_size);
  tools_.random.fill(bytes);
  const base::secret_bytes secret(std::move(bytes));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<totp_enrolment> {
    HTTVPS_TRY(auto account, own_account(tables, actor));
    if (account.totp == totp_state::on) {
      return base::fail(errc::totp_state_wrong);
    }
    account.totp = totp_state::pending;
    account.totp_sealed = tools_.cipher.seal(totp_cell(account), secret, tools_.random);
    HTTVPS_CHECK(tables.admins.update(account));
    HTTVPS_CHECK(record_change(
        tables, tools_, actor,
        {.action = "totp.enrol", .object = account.id.text(), .after = audit_document(account)}));
    const auto text = to_base32(secret.reveal());
    return totp_enrolment{.secret = base::secret_bytes::from_text(text),
                          .link = link_of(account, text)};
  });
}

base::result<std::vector<base::secret_bytes>> session_service::confirm_totp(
    const admin_actor& actor, std::string_view code) const {
  using secrets = std::vector<base::secret_bytes>;
  HTTVPS_CHECK(require_session(actor));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<secrets> {
    HTTVPS_TRY(auto account, own_account(tables, actor));
    if (account.totp != totp_state::pending) {
      return base::fail(errc::totp_state_wrong);
    }
    HTTVPS_CHECK(spend_totp(tools_, account, code));
    account.totp = totp_state::on;
    HTTVPS_CHECK(tables.admins.update(account));
    HTTVPS_CHECK(tables.recovery_codes.remove_all(account.id));
    secrets shown;
    for (std::size_t i = 0; i < recovery_codes_each; ++i) {
      const auto text = recovery_text(tools_.random);
      HTTVPS_CHECK(tables.recovery_codes.insert({.owner = account.id, .hash = hash_secret(text)}));
      shown.push_back(base::secret_bytes::from_text(text));
    }
    HTTVPS_CHECK(record_change(
        tables, tools_, actor,
        {.action = "totp.confirm", .object = account.id.text(), .after = audit_document(account)}));
    return shown;
  });
}

base::result<> session_service::disable_totp(const admin_actor& actor,
                                             const totp_removal& wanted) const {
  HTTVPS_TRY(const auto known, account(actor));
  HTTVPS_CHECK(check_own_password(known, wanted.password));
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto present, own_account(tables, actor));
    if (present.totp != totp_state::on) {
      return base::fail(errc::totp_state_wrong);
    }
    HTTVPS_CHECK(spend_code(tables, present, wanted.code));
    present.totp = totp_state::off;
    present.totp_sealed.clear();
    HTTVPS_CHECK(tables.admins.update(present));
    HTTVPS_CHECK(tables.recovery_codes.remove_all(present.id));
    return record_change(
        tables, tools_, actor,
        {.action = "totp.disable", .object = present.id.text(), .after = audit_document(present)});
  });
}

}
