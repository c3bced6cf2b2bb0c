#include "commands/messages.hpp"

#include <gtest/gtest.h>

#include "errc.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::cli {
namespace {

TEST(Messages, SayWhatHappenedWhatToDoAndTheLabel) {
  EXPECT_EQ(describe_failure(sdk::errc::not_enrolled),
            "This device is not enrolled yet. Run httvps enrol - and paste the enrolment link that "
            "you were given. (not_enrolled)");
  EXPECT_EQ(describe_failure(wire::errc::quota_exceeded, "No bytes left."),
            "No bytes left. Wait for the next period, or ask for a larger plan. (quota_exceeded)");
}

TEST(Messages, EveryFailureToReachTheGatewayHasAnAdvice) {
  for (const auto& entry : sdk::sdk_errors().entries()) {
    const base::error failure(entry.value, sdk::sdk_errors());
    if (entry.label.starts_with("gateway_") || entry.label.starts_with("state_")) {
      EXPECT_FALSE(advice_for(failure).empty()) << entry.label;
    }
  }
}

TEST(Messages, ExitCodesTellKindsOfFailureApart) {
  EXPECT_EQ(exit_code_for(sdk::errc::not_enrolled), exit_code::not_enrolled);
  EXPECT_EQ(exit_code_for(sdk::errc::gateway_timed_out), exit_code::gateway_away);
  EXPECT_EQ(exit_code_for(sdk::errc::gateway_did_not_recognise), exit_code::refused);
  EXPECT_EQ(exit_code_for(wire::errc::device_revoked), exit_code::refused);
  EXPECT_EQ(exit_code_for(wire::errc::session_limit), exit_code::refused);
  EXPECT_EQ(exit_code_for(sdk::errc::state_exposed), exit_code::state_unusable);
  EXPECT_EQ(exit_code_for(identity::errc::link_invalid), exit_code::wrong_usage);
  EXPECT_EQ(exit_code_for(errc::not_running), exit_code::not_running);
  EXPECT_EQ(exit_code_for(sdk::errc::tunnel_stopped), exit_code::failed);
}

TEST(Messages, SuspendedAccessIsNoReasonToEnrolAgain) {
  EXPECT_EQ(describe_failure(wire::errc::access_suspended, "This user is suspended."),
            "This user is suspended. Ask whoever runs the service; this device stays enrolled. "
            "(access_suspended)");
  EXPECT_EQ(exit_code_for(wire::errc::access_suspended), exit_code::refused);
}

TEST(Messages, TextFromOutsideCannotWriteOverTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a [2Jb c ");
  EXPECT_EQ(printable(std::string(600, 'x')).size(), 512U);
}

TEST(Messages, WarnOfASecretOnTheCommandLineOnly) {
  EXPECT_TRUE(warning_of_exposure("", "").empty());
  EXPECT_TRUE(warning_of_exposure("-", "").empty());
  EXPECT_TRUE(warning_of_exposure("", "-").empty());
  EXPECT_TRUE(warning_of_exposure("", "ABCDE-FGHJK").contains("--code -"));
  EXPECT_TRUE(warning_of_exposure("httvps://x", "").contains("httvps enrol -"));
}

}
}
