#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/other_tools.hpp"
#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

constexpr base::byte_count quota = 300 * base::mebibyte + 77;
constexpr std::size_t gateways = 4;
constexpr base::byte_count wanted = 16 * base::mebibyte;

class QuotaRace : public testing::Test {
 protected:
  QuotaRace() {
    if (test_servers::chosen_engine() == test_servers::test_engine::postgresql) {
      replica_ = metered.world.home.open({.connections = 4});
    }
    for (std::size_t i = 0; i < gateways; ++i) {
      members.push_back(metered.world.join("gate-" + std::to_string(i)).gateway);
    }
  }

  services::quota_service service_of(std::size_t at) const {
    const auto& shared = metered.world.tools;
    services::store& storage = replica_ && at % 2 == 1 ? *replica_ : shared.storage;
    return services::quota_service(test_support::tools_over(storage, shared));
  }

  void lease_until_final(std::size_t at) {
    const auto service = service_of(at);
    base::byte_count used = 0;
    for (int tries = 0; tries < 5000; ++tries) {
      const services::lease_order order{.epoch = "0a",
                                        .items = {{.subscription = metered.subscription.subject.id,
                                                   .used = used,
                                                   .want = wanted,
                                                   .token = metered.device.answer.token}}};
      const auto answer = service.lease(members[at], order);
      if (!answer) {
        EXPECT_EQ(answer.error(), services::errc::storage_busy);
        continue;
      }
      total += answer->front().granted - used;
      used = answer->front().granted;
      if (answer->front().outlook == services::lease_outlook::final) {
        return;
      }
    }
    ADD_FAILURE() << "the quota did not come to an end";
  }

  test_support::quota_world metered{quota};
  std::vector<models::gateway> members;
  std::atomic<base::byte_count> total = 0;

 private:
  std::unique_ptr<storage::sql_store> replica_;
};

TEST_F(QuotaRace, GatewaysAtOnceGetAllOfTheQuotaAndNotAByteMore) {
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < gateways; ++i) {
      threads.emplace_back([this, i] { lease_until_final(i); });
    }
  }
  EXPECT_EQ(total, quota);
}

}
}
