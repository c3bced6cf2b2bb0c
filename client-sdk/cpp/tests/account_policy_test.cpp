#include <gtest/gtest.h>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/sdk/errc.hpp"
#include "service.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using testing::service;

const auto start = base::from_unix_seconds(1'800'000'000);

class AccountPolicy : public ::testing::Test {
 protected:
  base::result<policy_news> tell(std::uint64_t version, const std::string& document) {
    return account.take_policy({.version = version, .document = document}, start);
  }
  std::uint64_t version() const { return account.policy() ? account.policy()->version : 0; }

  service issuer{.now = start};
  device_account account = device_account::make(issuer.device, issuer.record(), issuer.now).value();
};

TEST_F(AccountPolicy, IsTakenAndKeptInTheRecord) {
  EXPECT_FALSE(account.policy());
  EXPECT_EQ(tell(4, issuer.policy(4, {.carriers_most = 2})), policy_news::changed);
  EXPECT_EQ(account.policy()->shape.carriers_most, 2U);
  EXPECT_EQ(account.record().policy, issuer.policy(4, {.carriers_most = 2}));
}

TEST_F(AccountPolicy, OfALowerVersionIsRefusedByName) {
  ASSERT_TRUE(tell(4, issuer.policy(4)));
  EXPECT_EQ(tell(3, issuer.policy(3)).error(), errc::policy_rollback);
  EXPECT_EQ(version(), 4U);
  EXPECT_EQ(account.record().policy, issuer.policy(4));
}

TEST_F(AccountPolicy, OfTheSameVersionIsKnown) {
  ASSERT_TRUE(tell(4, issuer.policy(4)));
  EXPECT_EQ(tell(4, issuer.policy(4, {.carriers_most = 1})), policy_news::known);
  EXPECT_EQ(account.policy()->shape.carriers_most, 3U);
}

TEST_F(AccountPolicy, WithABadSignatureContextOrVersionLeavesTheLastGoodOne) {
  ASSERT_TRUE(tell(4, issuer.policy(4)));
  service stranger{.now = start};
  stranger.signer = testing::numbered_key(9);
  EXPECT_EQ(tell(5, stranger.policy(5)).error(), identity::errc::unknown_key);
  EXPECT_EQ(tell(5, issuer.config()).error(), identity::errc::wrong_context);
  EXPECT_EQ(tell(6, issuer.policy(5)).error(), identity::errc::claims_invalid);
  EXPECT_FALSE(tell(5, "not signed"));
  EXPECT_EQ(version(), 4U);
}

TEST_F(AccountPolicy, OutlivesARefreshAndARestart) {
  ASSERT_TRUE(tell(4, issuer.policy(4)));
  ASSERT_TRUE(
      account.refresh({.token = issuer.token(), .key_set = issuer.key_set()}, start + 1min));
  EXPECT_EQ(version(), 4U);
  account = device_account::make(issuer.device, account.record(), start).value();
  EXPECT_EQ(version(), 4U);
  EXPECT_EQ(tell(3, issuer.policy(3)).error(), errc::policy_rollback);
}

TEST_F(AccountPolicy, ThatWasKeptAndIsDamagedIsForgottenAndTheAccountStaysGood) {
  auto record = issuer.record();
  record.policy = issuer.policy(4) + "x";
  const auto opened = device_account::make(issuer.device, record, start);
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->policy());
  EXPECT_TRUE(opened->record().policy.empty());
}

}
}
