#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/login_world.hpp"

namespace httvps::backend {
namespace {

using models::admin_role;
using models::admin_state;
using services::admin_amendment;
using services::errc;

class LastAdmin : public ::testing::Test {
 protected:
  base::result<models::admin> amend(const models::admin& account, const admin_amendment& wanted) {
    return world.admins.amend(world.chief, account.id, wanted);
  }
  std::size_t active_admins() {
    const auto all = world.admins.list({.after = {}, .size = 100});
    return static_cast<std::size_t>(std::ranges::count_if(all->items, [](const auto& one) {
      return one.role == admin_role::admin && one.state == admin_state::active;
    }));
  }

  test_support::login_world world;
};

TEST_F(LastAdmin, IsNeitherDisabledNorGivenALesserRole) {
  const auto only = world.add_account("Ada", admin_role::admin);
  world.add_account("Sue", admin_role::support);
  EXPECT_EQ(amend(only, {.state = admin_state::disabled}).error(), errc::last_admin);
  EXPECT_EQ(amend(only, {.role = admin_role::support}).error(), errc::last_admin);
  EXPECT_EQ(world.stored(only.id).role, admin_role::admin);
  EXPECT_EQ(world.stored(only.id).state, admin_state::active);
  const auto reply = world.call({.method = "PATCH",
                                 .target = "/api/v1/admin/admins/" + only.id.text(),
                                 .token = world.chief_token,
                                 .body = R"({"state":"disabled"})"});
  EXPECT_EQ(reply.status, 409) << reply.body;
  EXPECT_EQ(reply.code(), "last_admin");
}

TEST_F(LastAdmin, MayGoWhenAnotherIsActive) {
  const auto first = world.add_account("Ada", admin_role::admin);
  const auto second = world.add_account("Bea", admin_role::admin);
  EXPECT_TRUE(amend(first, {.state = admin_state::disabled}));
  EXPECT_EQ(amend(second, {.role = admin_role::read_only}).error(), errc::last_admin);
  EXPECT_TRUE(amend(first, {.state = admin_state::active}));
  EXPECT_TRUE(amend(second, {.role = admin_role::read_only}));
}

TEST_F(LastAdmin, ChangesThatTakeNothingAwayAreFree) {
  const auto only = world.add_account("Ada", admin_role::admin);
  EXPECT_TRUE(amend(only, {.password = base::secret_bytes::from_text("another long password")}));
  const auto helper = world.add_account("Sue", admin_role::support);
  EXPECT_TRUE(amend(helper, {.state = admin_state::disabled}));
}

TEST_F(LastAdmin, OneIsLeftOfManyThatAreDisabledAtOnce) {
  std::vector<models::admin> accounts;
  for (int i = 0; i < 4; ++i) {
    accounts.push_back(world.add_account("ada" + std::to_string(i), admin_role::admin));
  }
  const auto other = world.home.open({.connections = 4});
  const bool is_shared = test_servers::chosen_engine() == test_servers::test_engine::postgresql;
  services::store& second = is_shared ? static_cast<services::store&>(*other) : *world.store;
  const services::service_tools elsewhere{.storage = second,
                                          .authority = world.authority,
                                          .cipher = world.cipher,
                                          .clock = world.clock,
                                          .random = base::secure_random(),
                                          .fleet = world.fleet};
  services::password_hasher hasher({});
  const services::admin_service service(elsewhere, hasher);
  std::atomic<std::size_t> done = 0;
  std::vector<std::jthread> threads;
  for (const auto& account : accounts) {
    threads.emplace_back([&, account] {
      const auto changed = service.amend(world.chief, account.id, {.state = admin_state::disabled});
      done += changed ? 1U : 0U;
    });
  }
  threads.clear();
  EXPECT_LE(done, accounts.size() - 1);
  EXPECT_EQ(active_admins(), accounts.size() - done);
  EXPECT_GE(active_admins(), 1U);
}

}
}
