#include "device/device_report.hpp"

#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"

namespace httvps::cli {
namespace {

using sdk::question_kind;

constexpr const char* limited = R"({"device_id":"dev_1","device_name":"study","user_id":"usr_1",
  "user_name":"Ada","subscription":{"id":"sub_1","plan":"Basic","standing":"active",
  "expires_at":"2027-01-15T08:00:00.000Z","quota_bytes":3145728,"used_up":1024,"used_down":1024,
  "remaining_bytes":3143680},"devices":1,"device_limit":3})";

TEST(DeviceReport, AccountShowsPlanEndTrafficAndDevices) {
  EXPECT_EQ(describe_answer(question_kind::account, limited).value_or(""),
            "Device:   study (dev_1)\n"
            "Owner:    Ada\n"
            "Plan:     Basic, active\n"
            "Expires:  2027-01-15T08:00:00.000Z\n"
            "Traffic:  2.0 KiB used (1.0 KiB up, 1.0 KiB down) of 3.0 MiB, 3.0 MiB left\n"
            "Devices:  1 of 3\n");
}

TEST(DeviceReport, AccountWithoutEndOrQuotaSaysSo) {
  const auto text = describe_answer(question_kind::account,
                                    R"({"device_id":"dev_1","subscription":{"plan":"Basic",
    "standing":"active","expires_at":null,"quota_bytes":null,"used_up":0,"used_down":0,
    "remaining_bytes":null},"devices":1,"device_limit":3})");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->contains("Expires:  never\n")) << *text;
  EXPECT_TRUE(text->contains("0 B used (0 B up, 0 B down), no limit\n")) << *text;
}

TEST(DeviceReport, RegionsAreATable) {
  EXPECT_EQ(describe_answer(
                question_kind::regions,
                R"({"regions":[{"code":"eu","healthy":true},{"code":"us-east","healthy":false}]})")
                .value_or(""),
            "REGION   NODES\n"
            "eu       healthy\n"
            "us-east  none healthy\n");
}

TEST(DeviceReport, DevicesAreATableThatMarksThisOne) {
  EXPECT_EQ(describe_answer(question_kind::devices,
                            R"({"devices":[{"id":"dev_1","name":"study","platform":"linux",
    "state":"active","is_this_device":true,"enrolled_at":"2027-01-15T08:00:00.000Z",
    "last_seen_at":null,"revoked_at":null}]})")
                .value_or(""),
            "ID     NAME                 PLATFORM  STATE   ENROLLED                  LAST SEEN\n"
            "dev_1  study (this device)  linux     active  2027-01-15T08:00:00.000Z  -\n");
}

TEST(DeviceReport, RevocationNamesTheDevice) {
  EXPECT_EQ(describe_answer(question_kind::revocation,
                            R"({"id":"dev_1","name":"study","state":"revoked"})")
                .value_or(""),
            "study (dev_1) has lost its access.\n");
}

TEST(DeviceReport, NamesFromOutsideCannotWriteOverTheTerminal) {
  const auto text =
      describe_answer(question_kind::revocation, "{\"id\":\"dev_1\",\"name\":\"a\\u001b[2Jb\"}");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("a [2Jb ")) << *text;
}

TEST(DeviceReport, AnswersOfAnotherShapeAreNamed) {
  for (const auto kind : {question_kind::account, question_kind::regions, question_kind::devices,
                          question_kind::revocation}) {
    for (const auto* text : {"", "[]", "{}", R"({"regions":1,"devices":{},"id":7})"}) {
      const auto told = describe_answer(kind, text);
      ASSERT_FALSE(told) << text;
      EXPECT_EQ(told.error(), sdk::errc::control_answer_malformed) << text;
    }
  }
}

}
}
