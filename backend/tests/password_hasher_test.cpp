#include "httvps/backend/services/password_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

const auto right = base::secret_bytes::from_text("correct horse battery");
const auto wrong = base::secret_bytes::from_text("correct horse batterz");
constexpr password_cost cheap{.passes = 1, .memory = 8192};

TEST(PasswordHasher, UsesArgon2idWith64MebibytesAndThreePasses) {
  password_hasher hasher({});
  const auto stored = hasher.hash(right);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *stored;
}

TEST(PasswordHasher, TakesTheRightPasswordOnlyAndSaltsEachHash) {
  password_hasher hasher(cheap);
  const auto stored = *hasher.hash(right);
  EXPECT_NE(*hasher.hash(right), stored);
  EXPECT_EQ(hasher.verify(stored, right), true);
  EXPECT_EQ(hasher.verify(stored, wrong), false);
  EXPECT_EQ(hasher.verify("", right), false);
}

TEST(PasswordHasher, HashesForAnUnknownAccountToo) {
  password_hasher hasher(cheap);
  ASSERT_TRUE(hasher.verify_nothing(right));
  EXPECT_EQ(hasher.runs(), 1U);
}

TEST(PasswordHasher, RefusesMoreAtOnceThanItsLanesAndRecovers) {
  password_hasher hasher({.at_once = 1});
  constexpr int threads = 6;
  std::barrier start(threads);
  std::atomic<int> busy = 0;
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        start.arrive_and_wait();
        const auto made = hasher.hash(right);
        if (made) {
          ++done;
        } else if (made.error() == errc::passwords_busy) {
          ++busy;
        }
      });
    }
  }
  EXPECT_EQ(done + busy, threads);
  EXPECT_GE(done, 1);
  EXPECT_GE(busy, 1);
  EXPECT_TRUE(hasher.hash(right));
}

}
}
