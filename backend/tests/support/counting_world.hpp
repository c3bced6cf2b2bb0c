#pragma once

#include <gtest/gtest.h>

#include "httvps/backend/services/usage_roll_up.hpp"
#include "key_agent.hpp"
#include "metered_world.hpp"

namespace httvps::backend::test_support {

inline constexpr base::byte_count mebibyte = 1024ULL * 1024ULL;

struct counting_world : metered_world {
  counting_world() { agent.roll_out(); }

  void send(const models::traffic& total) {
    ASSERT_TRUE(
        report({.epoch = "0a",
                .seq = ++seq,
                .lines = {{.session = 1, .node = counting.id, .counted = total, .token = token}}}));
  }
  void carry(const models::traffic& total) {
    send(total);
    ASSERT_TRUE(services::usage_roll_up(world.tools).run());
  }
  void count(const models::traffic& total) {
    ASSERT_TRUE(
        world.keys.count(counting, {.epoch = "00000000000000a1",
                                    .rows = {{.key_id = agent.secrets().begin()->first,
                                              .counted = {.up = total.up, .down = total.down}}}}));
  }
  std::string today() const { return models::day_of(world.clock.system_now()); }
  base::duration until_next_day() const {
    const auto now = world.clock.system_now();
    return std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1) - now;
  }

  std::uint64_t seq = 0;
  models::node counting = world.add_agent_node();
  key_agent agent{world, counting};
};

}
