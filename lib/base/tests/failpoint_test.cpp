#include "httvps/base/failpoint.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "httvps/base/clock.hpp"

namespace httvps::base {
namespace {

struct Failpoint : ::testing::Test {
  Failpoint() { setenv(failpoints_variable, path.c_str(), 1); }
  ~Failpoint() override {
    unsetenv(failpoints_variable);
    std::filesystem::remove(path);
  }

  void tell(const std::string& lines) const {
    std::ofstream file(path, std::ios::trunc);
    file << lines;
  }

  std::string path =
      std::filesystem::temp_directory_path() / ("httvps-failpoints-" + std::to_string(::getpid()));
};

TEST_F(Failpoint, WithoutAnInstructionItPasses) {
  EXPECT_EQ(reach_failpoint("one"), failpoint_outcome::pass);
  tell("another drop\n");
  EXPECT_EQ(reach_failpoint("one"), failpoint_outcome::pass);
}

TEST_F(Failpoint, IsObeyedExactlyInBuildsThatHaveIt) {
  tell("another kill\none drop\n");
  const auto expected = has_failpoints() ? failpoint_outcome::drop : failpoint_outcome::pass;
  EXPECT_EQ(reach_failpoint("one"), expected);
  tell("");
  EXPECT_EQ(reach_failpoint("one"), failpoint_outcome::pass);
}

TEST_F(Failpoint, WaitsAsLongAsItIsTold) {
  tell("one delay 60\n");
  const auto before = real_clock().steady_now();
  EXPECT_EQ(reach_failpoint("one"), failpoint_outcome::pass);
  const auto took = real_clock().steady_now() - before;
  EXPECT_EQ(took >= std::chrono::milliseconds(60), has_failpoints());
}

TEST_F(Failpoint, KillsTheProcess) {
  tell("one kill\n");
  if (has_failpoints()) {
    EXPECT_EXIT(static_cast<void>(reach_failpoint("one")), ::testing::KilledBySignal(SIGKILL), "");
  } else {
    EXPECT_EQ(reach_failpoint("one"), failpoint_outcome::pass);
  }
}

}
}
