#include "../src/standing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

class Standing : public testing::Test {
 protected:
  Standing() : sink_(std::move(*base::log_sink::open_file(path_, {}))) {}
  ~Standing() override { std::filesystem::remove(path_); }

  std::string written() {
    sink_->flush();
    std::ifstream file(path_);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::size_t count(const std::string& event) {
    const auto text = written();
    std::size_t found = 0;
    for (auto at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) {
      ++found;
    }
    return found;
  }

  std::string path_ = testing::TempDir() + "standing-" + std::to_string(getpid()) + ".log";
  std::unique_ptr<base::log_sink> sink_;
  gateway_standing now_{base::logger(sink_.get(), "gateway")};
};

TEST_F(Standing, WaitsFromTheStartAndIsReadyOnceApproved) {
  EXPECT_FALSE(now_.is_approved());
  EXPECT_EQ(now_.readiness(), "waits for approval\n");
  now_.note_approval(true);
  EXPECT_TRUE(now_.is_approved());
  EXPECT_EQ(now_.readiness(), "ready\n");
}

TEST_F(Standing, SaysEachChangeOnceInASentence) {
  for (int round = 0; round < 3; ++round) {
    now_.note_refusal(control_errc::gateway_pending);
  }
  EXPECT_EQ(count("\"gateway_waits_for_approval\""), 1U);
  EXPECT_EQ(count("waits for the approval of an administrator"), 1U);
  now_.note_approval(true);
  for (int round = 0; round < 3; ++round) {
    now_.note_refusal(control_errc::gateway_disabled);
  }
  EXPECT_EQ(count("\"gateway_disabled\""), 1U);
  EXPECT_EQ(count("turned this gateway away"), 1U);
  EXPECT_EQ(now_.readiness(), "disabled by an administrator\n");
  now_.note_approval(true);
  EXPECT_EQ(count("\"gateway_approved\""), 2U);
}

TEST_F(Standing, OtherFailuresChangeNothing) {
  now_.note_approval(true);
  now_.note_refusal(control_errc::backend_unreachable);
  now_.note_refusal(control_errc::credential_refused);
  EXPECT_TRUE(now_.is_approved());
}

}
}
