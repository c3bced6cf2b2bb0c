#include <gtest/gtest.h>

#include <thread>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class AdmissionNotes : public ::testing::Test {
 protected:
  int validate(int number) const {
    const auto session = "00000000000000" + std::to_string(number);
    return world
        .as_gateway(gateway, "/api/v1/auth/validate-device",
                    {{"token", device.token}, {"session", session}})
        .status;
  }
  std::string sessions_written() const {
    return world.folder.ask("SELECT COUNT(*) FROM known_sessions");
  }
  std::string devices_seen() const {
    return world.folder.ask("SELECT COUNT(*) FROM devices WHERE last_seen_at IS NOT NULL");
  }
  bool wait_until_written(const std::string& sessions) const {
    const auto end = std::chrono::steady_clock::now() + seconds(10);
    while (sessions_written() != sessions && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    return sessions_written() == sessions;
  }

  walk world;
  gateway_identity gateway = (world.fill(), world.join("gate"));
  enrolled_device device = world.enrol(gateway);
};

TEST_F(AdmissionNotes, AreWrittenWhileTheBackendRunsAndOutliveItsDeath) {
  EXPECT_EQ(validate(10), 200);
  EXPECT_TRUE(wait_until_written("1"));
  world.process->kill();
  EXPECT_EQ(devices_seen(), "1");
}

TEST_F(AdmissionNotes, AreAllWrittenWhenTheBackendIsStoppedRightAfterTheAnswers) {
  for (int number = 10; number < 34; ++number) {
    EXPECT_EQ(validate(number), 200);
  }
  EXPECT_EQ(world.process->stop(), 0);
  EXPECT_EQ(sessions_written(), "24");
  EXPECT_EQ(devices_seen(), "1");
}

}
}
