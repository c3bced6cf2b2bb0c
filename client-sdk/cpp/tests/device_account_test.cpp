#include "httvps/sdk/device_account.hpp"

#include <gtest/gtest.h>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"
#include "service.hpp"
#include "temporary_folder.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using testing::service;

const auto start = base::from_unix_seconds(1'800'000'000);

device_account account_of(const service& issuer) {
  return device_account::make(issuer.device, issuer.record(), issuer.now).value();
}

TEST(DeviceAccount, TakesWhatTheServiceSigned) {
  const service issuer{.now = start};
  const auto account = account_of(issuer);
  EXPECT_EQ(account.access().device_id, testing::device_id);
  ASSERT_EQ(account.gateways().size(), 1U);
  EXPECT_EQ(account.gateways()[0].host, "gateway.test");
}

TEST(DeviceAccount, LoadsFromTheStateFolder) {
  const temporary_folder folder;
  const service issuer{.now = start};
  const auto store = state_store::create(folder.file("state")).value();
  EXPECT_EQ(device_account::load(store, start).error(), errc::not_enrolled);
  base::seeded_random random(3);
  ASSERT_TRUE(store.load_or_create_pending_key(random));
  ASSERT_TRUE(store.adopt_pending(issuer.record()));
  EXPECT_TRUE(device_account::load(store, start));
}

TEST(DeviceAccount, RenewsAtFourFifthsOfTheTokensLife) {
  const service issuer{.now = start};
  const auto account = account_of(issuer);
  EXPECT_EQ(account.renew_at(), start + 48min);
  EXPECT_FALSE(account.token_expired(start + 1h - 1s));
  EXPECT_TRUE(account.token_expired(start + 1h));
}

TEST(DeviceAccount, TokenExpiredForLessThanThirtyDaysStillOpensTheAccount) {
  const service issuer{.now = start};
  const auto later = start + 1h + std::chrono::hours(24 * 30);
  EXPECT_TRUE(device_account::make(issuer.device, issuer.record(), later - 1h));
  EXPECT_EQ(device_account::make(issuer.device, issuer.record(), later + 1s).error(),
            errc::enrolment_outdated);
}

TEST(DeviceAccount, TokenOfAnotherDeviceIsRefused) {
  const service issuer{.now = start};
  EXPECT_EQ(device_account::make(testing::numbered_key(9), issuer.record(), start).error(),
            errc::wrong_device);
}

TEST(DeviceAccount, DocumentsOfAnotherServiceAreRefused) {
  const service issuer{.now = start};
  auto record = issuer.record();
  record.root = testing::numbered_key(9).public_part();
  EXPECT_EQ(device_account::make(issuer.device, record, start).error(),
            identity::errc::unknown_key);
}

TEST(DeviceAccount, ClockFarBehindIsNamed) {
  const service issuer{.now = start};
  EXPECT_EQ(device_account::make(issuer.device, issuer.record(), start - 10min).error(),
            errc::clock_wrong);
}

TEST(DeviceAccount, RefreshTakesTheNewTokenAndKeepsTheConfiguration) {
  service issuer{.now = start};
  auto account = account_of(issuer);
  issuer.now = start + 50min;
  ASSERT_TRUE(account.refresh({.token = issuer.token(), .key_set = issuer.key_set()}, issuer.now));
  EXPECT_EQ(account.access().issued, start + 50min);
  EXPECT_EQ(account.config().issued, start);
}

TEST(DeviceAccount, RefreshTakesNewKeysTogetherWithAConfigurationTheySigned) {
  service issuer{.now = start};
  auto account = account_of(issuer);
  issuer.signer = testing::numbered_key(7);
  issuer.key_set_version = 2;
  issuer.config_version = 2;
  const fresh_documents without{.token = issuer.token(), .key_set = issuer.key_set()};
  EXPECT_TRUE(account.wants_config(without.key_set, start));
  EXPECT_EQ(account.refresh(without, start).error(), identity::errc::unknown_key);
  auto whole = without;
  whole.config = issuer.config();
  ASSERT_TRUE(account.refresh(whole, start));
  EXPECT_EQ(account.config().version, 2U);
}

TEST(DeviceAccount, RefreshNeverGoesBack) {
  service issuer{.now = start, .config_version = 5, .key_set_version = 5};
  auto account = account_of(issuer);
  auto older = issuer;
  older.config_version = 4;
  EXPECT_EQ(
      account
          .refresh({.token = older.token(), .key_set = older.key_set(), .config = older.config()},
                   start)
          .error(),
      errc::config_rollback);
  older.key_set_version = 4;
  EXPECT_EQ(account.refresh({.token = older.token(), .key_set = older.key_set()}, start).error(),
            identity::errc::key_set_rollback);
  EXPECT_EQ(account.config().version, 5U);
}

TEST(DeviceAccount, ConfigurationIsWantedOnceItsOrderIsOld) {
  const service issuer{.now = start};
  const auto account = account_of(issuer);
  EXPECT_FALSE(account.wants_config(issuer.key_set(), start + config_lease - 1s));
  EXPECT_TRUE(account.wants_config(issuer.key_set(), start + config_lease));
}

TEST(DeviceAccount, LeaseOfTheListIsWhatTheControlPlaneSaysWithinBounds) {
  const service issuer{.now = start};
  const std::pair<std::optional<base::system_time>, base::system_time> each[] = {
      {start + 18min, start + 18min},
      {std::nullopt, start + config_lease},
      {start - 1h, start + least_config_lease},
      {start + 48h, start + longest_config_lease}};
  for (const auto& [told, expected] : each) {
    auto account = account_of(issuer);
    ASSERT_TRUE(account.refresh({.token = issuer.token(),
                                 .key_set = issuer.key_set(),
                                 .config = issuer.config(),
                                 .lease_until = told},
                                start));
    EXPECT_EQ(account.lease_until(), expected);
    EXPECT_FALSE(account.wants_config(issuer.key_set(), expected - 1s));
    EXPECT_TRUE(account.wants_config(issuer.key_set(), expected));
  }
}

TEST(DeviceAccount, RenewalWithoutAListLeavesItsLease) {
  const service issuer{.now = start};
  auto account = account_of(issuer);
  ASSERT_TRUE(
      account.refresh({.token = issuer.token(), .key_set = issuer.key_set()}, start + 1min));
  EXPECT_EQ(account.lease_until(), start + config_lease);
}

TEST(DeviceAccount, WithoutAPermittedGatewayThereIsNoAccount) {
  service issuer{.now = start};
  auto record = issuer.record();
  issuer.gateways[0].id = "gw_two";
  auto claims = account_of(issuer).access();
  claims.gateways = {"gw_one"};
  record.config = issuer.config();
  record.token =
      base::secret_bytes::from_text(identity::sign_document(issuer.signer, claims).value());
  EXPECT_EQ(device_account::make(issuer.device, record, start).error(), errc::no_permitted_gateway);
}

}
}
