#include "httvps/gateway/control/session_messages.hpp"

#include <gtest/gtest.h>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

TEST(SessionMessages, ReportIsWrittenAsTheBackendReadsIt) {
  EXPECT_EQ(encode_sessions({.epoch = "e1",
                             .roll = "0a",
                             .sequence = 3,
                             .held = {{.session = "01", .device_id = "dev_a"}},
                             .ended = {{.session = "02", .device_id = "dev_b"}}}),
            R"({"epoch":"e1","roll":"0a","seq":3,)"
            R"("held":[{"session":"01","device_id":"dev_a"}],)"
            R"("ended":[{"session":"02","device_id":"dev_b"}]})");
}

TEST(SessionMessages, AnswerNamesWhatIsToEnd) {
  const auto answer = decode_sessions(R"({"in_step":false,"end":["00ff00ff00ff00ff"]})");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->in_step);
  EXPECT_EQ(answer->to_end, std::vector<std::string>{"00ff00ff00ff00ff"});
}

TEST(SessionMessages, AnswerThatFitsNotIsRefused) {
  std::string many = R"({"in_step":true,"end":[)";
  for (std::size_t i = 0; i < told_sessions_most; ++i) {
    many += R"("00ff00ff00ff00ff",)";
  }
  many += R"("00ff00ff00ff00ff"]})";
  for (const auto& body :
       {std::string(R"({"end":[]})"), std::string(R"({"in_step":true})"),
        std::string(R"({"in_step":true,"end":{}})"), std::string(R"({"in_step":true,"end":[7]})"),
        std::string(R"({"in_step":true,"end":["00ff"]})"), many}) {
    const auto answer = decode_sessions(body);
    EXPECT_TRUE(!answer && answer.error() == control_errc::backend_answer_invalid)
        << body.substr(0, 60);
  }
}

}
}
