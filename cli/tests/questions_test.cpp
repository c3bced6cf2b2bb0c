#include "status/questions.hpp"

#include <gtest/gtest.h>

#include "errc.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::cli {
namespace {

constexpr const char* some_device = "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb";

told_answer problem(base::error code, std::string sentence) {
  return std::unexpected(sdk::control_problem{.code = code, .sentence = std::move(sentence)});
}

TEST(Questions, EachIsReadAsItWasWritten) {
  for (const auto& each :
       {sdk::device_question{.kind = sdk::question_kind::account},
        sdk::device_question{.kind = sdk::question_kind::regions},
        sdk::device_question{.kind = sdk::question_kind::devices},
        sdk::device_question{.kind = sdk::question_kind::revocation, .device_id = some_device}}) {
    const auto read = parse_question(line_of(each));
    ASSERT_TRUE(read) << line_of(each);
    EXPECT_EQ(std::get<sdk::device_question>(*read), each);
  }
  EXPECT_TRUE(std::holds_alternative<status_question>(parse_question(status_line).value()));
}

TEST(Questions, OtherLinesAreRefusedByName) {
  for (const auto* line : {"", "state", "revoke", "revoke ", "revoke ../me", "revoke dev_1 ",
                           "account ", "GET /api/v1/me", "status\n"}) {
    const auto read = parse_question(line);
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error(), errc::question_unknown) << line;
  }
}

TEST(Questions, AnswersPassTheSocketAsTheyAre) {
  const auto told = unwrap_answer(wrap_answer(R"({"device_id":"dev_1","devices":2})"));
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, R"({"device_id":"dev_1","devices":2})");
}

TEST(Questions, FailuresKeepTheirNameAndSentenceAcrossTheSocket) {
  const base::error each[] = {sdk::errc::device_not_found, wire::errc::device_revoked,
                              identity::errc::token_expired, net::errc::timed_out,
                              errc::question_unknown};
  for (const auto& code : each) {
    const auto told = unwrap_answer(wrap_answer(problem(code, "Said so.")));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, code);
    EXPECT_EQ(told.error().sentence, "Said so.");
  }
}

TEST(Questions, ForeignAnswersAreRefused) {
  for (const auto* text :
       {"", "[]", "{}", R"({"format":2,"answer":{}})", R"({"format":1})",
        R"({"format":1,"answer":[]})", R"({"format":1,"module":"sdk","code":"no_such_label"})",
        R"({"format":1,"module":"x","code":"timed_out"})"}) {
    const auto told = unwrap_answer(text);
    ASSERT_FALSE(told) << text;
    EXPECT_EQ(told.error().code, errc::status_malformed) << text;
  }
}

}
}
