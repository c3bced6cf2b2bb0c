#include "httvps/gateway/control/validations.hpp"

#include <gtest/gtest.h>

#include <string>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

TEST(Validations, AllowedDeviceTellsWhenItsSubscriptionEnds) {
  const auto ends_at = [](const std::string& text) -> base::result<std::optional<std::int64_t>> {
    const auto answer = decode_validation(
        R"({"allow":true,"device_id":"d","subscription_id":"s","recheck_s":9,"plan_id":"plan_1",)"
        R"("policy":{"session_limit":1},"ends_at":)" +
        text + "}");
    HTTVPS_TRY(const auto known, answer);
    EXPECT_EQ(std::get<allowance>(known).plan_id, "plan_1");
    const auto moment = std::get<allowance>(known).ends_at;
    return moment ? std::optional(base::to_unix_seconds(*moment)) : std::nullopt;
  };
  EXPECT_EQ(ends_at("null").value(), std::nullopt);
  EXPECT_EQ(ends_at(R"("1970-01-02T00:00:01Z")").value(), 86401);
  EXPECT_EQ(ends_at(R"("1970-01-02T00:00:01.000Z")").value(), 86401);
  EXPECT_EQ(ends_at(R"("1970-01-02T00:00:01.250Z")").value(), 86402);
  for (const auto* bad : {R"("tomorrow")", R"("1970-01-02T00:00:01")", R"("1970-01-02T00:00:01.Z")",
                          R"("1970-01-02T00:00:01.2xZ")", "7"}) {
    EXPECT_FALSE(ends_at(bad)) << bad;
  }
}

TEST(Validations, AllowedDeviceIsDecodedWithItsPolicy) {
  const auto answer = decode_validation(
      R"({"allow":true,"device_id":"dev_1","subscription_id":"sub_1",
          "policy":{"session_limit":3,"up_bps":null,"down_bps":null},"recheck_s":900})");
  ASSERT_TRUE(answer);
  const auto& allowed = std::get<allowance>(*answer);
  EXPECT_EQ(allowed.device_id, "dev_1");
  EXPECT_EQ(allowed.session_limit, 3U);
}

TEST(Validations, SessionLimitOfThousandsIsKeptAndMoreIsBounded) {
  for (const auto& [sent, kept] : {std::pair("10000", 10'000U), std::pair("4000000000", 65'536U)}) {
    const auto answer = decode_validation(
        std::string(R"({"allow":true,"device_id":"d","subscription_id":"s","recheck_s":900,)") +
        R"("policy":{"session_limit":)" + sent + "}}");
    ASSERT_TRUE(answer) << sent;
    EXPECT_EQ(std::get<allowance>(*answer).session_limit, kept);
  }
}

TEST(Validations, DenialKeepsItsCodeAndSentence) {
  const auto answer =
      decode_validation(R"({"allow":false,"code":"quota_exceeded","sentence":"Used up."})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<denial>(*answer).code, "quota_exceeded");
}

TEST(Validations, MalformedValidationsAreNamed) {
  for (const auto* body : {"", "[]", "{", R"({"allow":1})", R"({"allow":true})",
                           R"({"allow":true,"device_id":"d","subscription_id":"s","recheck_s":-1,
                               "policy":{"session_limit":1}})"}) {
    const auto answer = decode_validation(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error(), control_errc::backend_answer_invalid);
  }
}

TEST(Validations, RequestOfSeveralNamesEachWithItsSession) {
  EXPECT_EQ(encode_validations({{.token = "a", .session = "01", .epoch = "e"},
                                {.token = "b", .session = "02", .epoch = ""}}),
            R"({"items":[{"token":"a","session":"01","epoch":"e"},{"token":"b","session":"02"}]})");
}

TEST(Validations, EachEntryIsDecodedForItself) {
  const auto told = decode_validations(
      R"({"items":[{"allow":false,"code":"device_revoked","sentence":"No."},
          {"problem":{"status":503,"code":"storage_busy","detail":"Busy."}},
          {"problem":{"status":403,"code":"gateway_disabled","detail":"Off."}},
          7,{"allow":true},
          {"allow":true,"device_id":"d","subscription_id":"s","recheck_s":900,
           "policy":{"session_limit":2}}]})",
      6);
  ASSERT_TRUE(told);
  EXPECT_EQ(std::get<denial>(*(*told)[0]).code, "device_revoked");
  EXPECT_EQ((*told)[1].error(), control_errc::backend_overloaded);
  EXPECT_EQ((*told)[2].error(), control_errc::gateway_disabled);
  EXPECT_EQ((*told)[3].error(), control_errc::backend_answer_invalid);
  EXPECT_EQ((*told)[4].error(), control_errc::backend_answer_invalid);
  EXPECT_EQ(std::get<allowance>(*(*told)[5]).session_limit, 2U);
}

TEST(Validations, AnswerForAnotherNumberOfDevicesIsNoAnswer) {
  for (const auto* body : {R"({"items":[]})", R"({"items":7})", R"({})", "[]"}) {
    EXPECT_EQ(decode_validations(body, 1).error(), control_errc::backend_answer_invalid) << body;
  }
}

}
}
