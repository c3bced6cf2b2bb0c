#include <gtest/gtest.h>

#include "support/counting_world.hpp"

namespace httvps::backend {
namespace {

class FilledMigrations : public testing::Test, protected test_support::counting_world {
 protected:
  FilledMigrations() {
    world.validate(gateway, token);
    world.ticket_for(user, gateway);
    carry({.up = 3 * test_support::mebibyte, .down = 5 * test_support::mebibyte});
    count({.up = 3 * test_support::mebibyte, .down = 5 * test_support::mebibyte});
    const auto suspended = world.add_user("suspended");
    const auto held = world.subscribe(suspended, terms);
    suspend(held.subject);
  }
  void suspend(models::subscription subject) {
    subject.suspended_at = world.clock.system_now();
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.subscriptions.update(subject); }));
  }
  bool knows_the_user() const {
    const auto found = services::read_from(
        *world.store, [&](services::repositories& tables) { return tables.users.find(user.id); });
    return found && found->has_value() && (*found)->name == user.name;
  }
};

TEST_F(FilledMigrations, EachOneCanBeTakenBackAndAppliedAgain) {
  const auto known = storage::known_migrations();
  for (auto left = known.size(); left > 1; --left) {
    const auto target = known[left - 2].version;
    const auto taken = world.store->migrate_down(target);
    ASSERT_TRUE(taken) << "down to " << target << ": " << taken.error().message();
    const auto applied = world.store->migrate_up();
    ASSERT_TRUE(applied) << "up from " << target << ": " << applied.error().message();
    EXPECT_EQ(*applied, *taken);
    EXPECT_TRUE(knows_the_user()) << target;
  }
  ASSERT_TRUE(world.store->migrate_down(0));
  ASSERT_TRUE(world.store->migrate_up());
  EXPECT_FALSE(knows_the_user());
}

}
}
