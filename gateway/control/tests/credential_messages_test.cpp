#include "httvps/gateway/control/credential_messages.hpp"

#include <gtest/gtest.h>

#include "httvps/gateway/control/errc.hpp"
#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::seconds;

TEST(CredentialMessages, RenewalBringsASecretAndHowLongItLasts) {
  const auto renewed = decode_renewal(
      R"({"credential":"htg_x","expires_at":"2026-12-21T22:58:05.084Z","expires_s":2592000})");
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->credential.reveal_text(), "htg_x");
  EXPECT_EQ(renewed->lasts, seconds(2592000));
  EXPECT_FALSE(decode_renewal(R"({"credential":"htg_x","expires_s":null})")->lasts);
}

TEST(CredentialMessages, RenewalWithoutASecretIsInvalid) {
  for (const auto* body : {"", "[]", "{}", R"({"credential":""})", R"({"credential":7})",
                           R"({"credential":"x","expires_s":-1})"}) {
    EXPECT_EQ(decode_renewal(body).error(), control_errc::backend_answer_invalid) << body;
  }
}

TEST(CredentialMessages, HeartbeatTellsWhenToRenewAndOlderBackendsTellNothing) {
  const auto told = decode_heartbeat(
      R"({"key_set_version":1,"credential_expires_s":60,"renew_credential":true})");
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->renew_credential);
  EXPECT_EQ(told->credential_lasts, seconds(60));
  const auto older = decode_heartbeat(R"({"key_set_version":1})");
  ASSERT_TRUE(older);
  EXPECT_FALSE(older->renew_credential);
  EXPECT_FALSE(older->credential_lasts);
}

TEST(CredentialMessages, EveryRefusalOfACredentialIsKnownAsSuch) {
  for (const auto code : {control_errc::credential_refused, control_errc::credential_expired,
                          control_errc::credential_revoked}) {
    EXPECT_TRUE(says_credential_is_bad(code));
  }
  EXPECT_FALSE(says_credential_is_bad(control_errc::backend_overloaded));
}

}
}
