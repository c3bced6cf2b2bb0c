#include <gtest/gtest.h>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

TEST(ControlMeaning, CodesOfTheControlPlaneHaveOneMeaningEverywhere) {
  EXPECT_EQ(meaning_of_problem(403, "device_revoked"), wire::errc::device_revoked);
  EXPECT_EQ(meaning_of_problem(403, "quota_exceeded"), wire::errc::quota_exceeded);
  EXPECT_EQ(meaning_of_problem(503, "backend_unavailable"), wire::errc::backend_unavailable);
  EXPECT_EQ(meaning_of_problem(410, "ticket_spent"), errc::ticket_spent);
  EXPECT_EQ(meaning_of_problem(410, "ticket_expired"), identity::errc::ticket_expired);
  EXPECT_EQ(meaning_of_problem(409, "device_known_elsewhere"), errc::device_known_elsewhere);
  EXPECT_EQ(meaning_of_problem(401, "proof_expired"), errc::clock_wrong);
}

TEST(ControlMeaning, UnknownCodesFollowTheStatus) {
  EXPECT_EQ(meaning_of_problem(500, ""), errc::control_unavailable);
  EXPECT_EQ(meaning_of_problem(429, "too_many_requests"), errc::control_unavailable);
  EXPECT_EQ(meaning_of_problem(418, "teapot"), errc::control_refused);
}

}
}
