#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/login_world.hpp"

namespace httvps::backend {
namespace {

using models::admin_role;
using models::admin_state;
using services::admin_amendment;
using services::errc;

using account_change =
    std::function<bool(const services::admin_service&, const models::admin_id&, std::size_t)>;

class LastAdmin : public ::testing::Test {
 protected:
  base::result<models::admin> amend(const models::admin& account, const admin_amendment& wanted) {
    return world.admins.amend(world.chief, account.id, wanted);
  }
  base::result<> remove(const models::admin& account) {
    return world.admins.remove(world.chief, account.id);
  }
  std::vector<models::admin> add_four() {
    std::vector<models::admin> accounts;
    for (int i = 0; i < 4; ++i) {
      accounts.push_back(world.add_account("ada" + std::to_string(i), admin_role::admin));
    }
    return accounts;
  }
  std::size_t done_at_once(const std::vector<models::admin>& accounts,
                           const account_change& change) {
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
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      threads.emplace_back([&, i] { done += change(service, accounts[i].id, i) ? 1U : 0U; });
    }
    threads.clear();
    return done;
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

TEST_F(LastAdmin, IsNotRemovedAndKeepsSessionsAndTokens) {
  const auto only = world.add_account("Ada", admin_role::admin);
  const auto session = world.session_of("Ada");
  const auto gone = world.add_account("Bea", admin_role::admin);
  ASSERT_TRUE(amend(gone, {.state = admin_state::disabled}));
  EXPECT_EQ(remove(only).error(), errc::last_admin);
  EXPECT_EQ(world.stored(only.id).state, admin_state::active);
  EXPECT_EQ(world.ask(session).status, 200);
  const auto reply = world.call({.method = "DELETE",
                                 .target = "/api/v1/admin/admins/" + only.id.text(),
                                 .token = world.chief_token});
  EXPECT_EQ(reply.status, 409) << reply.body;
  EXPECT_EQ(reply.code(), "last_admin");
  EXPECT_TRUE(remove(gone));
}

TEST_F(LastAdmin, MayBeRemovedWhenAnotherIsActive) {
  const auto first = world.add_account("Ada", admin_role::admin);
  const auto second = world.add_account("Bea", admin_role::admin);
  EXPECT_TRUE(remove(first));
  EXPECT_EQ(remove(second).error(), errc::last_admin);
  EXPECT_EQ(active_admins(), 1U);
}

TEST_F(LastAdmin, OneIsLeftOfManyThatAreDisabledAtOnce) {
  const auto accounts = add_four();
  const auto done = done_at_once(accounts, [&](const auto& service, const auto& id, std::size_t) {
    return service.amend(world.chief, id, {.state = admin_state::disabled}).has_value();
  });
  EXPECT_LE(done, accounts.size() - 1);
  EXPECT_EQ(active_admins(), accounts.size() - done);
  EXPECT_GE(active_admins(), 1U);
}

TEST_F(LastAdmin, OneIsLeftOfManyThatAreRemovedAndDisabledAtOnce) {
  const auto accounts = add_four();
  const auto done = done_at_once(accounts, [&](const auto& service, const auto& id, std::size_t i) {
    return i % 2 == 0
               ? service.remove(world.chief, id).has_value()
               : service.amend(world.chief, id, {.state = admin_state::disabled}).has_value();
  });
  EXPECT_LE(done, accounts.size() - 1);
  EXPECT_EQ(active_admins(), accounts.size() - done);
  EXPECT_GE(active_admins(), 1U);
}

}
}
