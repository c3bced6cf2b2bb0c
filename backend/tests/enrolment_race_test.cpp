#include <gtest/gtest.h>

#include <latch>
#include <map>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"
#include "support/other_tools.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using outcomes = std::map<std::error_code, std::size_t>;

constexpr std::size_t redeemers = 12;

class EnrolmentRace : public testing::Test {
 protected:
  EnrolmentRace() {
    if (test_servers::chosen_engine() == test_servers::test_engine::postgresql) {
      replica_ = world.home.open({.connections = 4});
    }
  }

  services::device_service service_of(std::size_t at) const {
    const auto& shared = world.tools;
    services::store& storage = replica_ && at % 2 == 1 ? *replica_ : shared.storage;
    return services::device_service(test_support::tools_over(storage, shared));
  }

  std::error_code redeem(services::device_service& devices, const std::string& ticket) const {
    const services::enrolment wanted{
        .ticket = ticket,
        .device_key = identity::signing_key::generate(world.random).public_part().to_base64url(),
        .name = "a",
        .platform = "linux"};
    auto made = devices.enrol(gateway, wanted);
    while (!made && made.error() == errc::storage_busy) {
      made = devices.enrol(gateway, wanted);
    }
    return made ? std::error_code() : std::error_code(made.error());
  }

  outcomes redeem_at_once(const std::vector<std::string>& tickets) const {
    std::vector<std::error_code> each(tickets.size());
    std::latch start(static_cast<std::ptrdiff_t>(tickets.size()));
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < tickets.size(); ++i) {
        threads.emplace_back([&, i] {
          auto devices = service_of(i);
          start.arrive_and_wait();
          each[i] = redeem(devices, tickets[i]);
        });
      }
    }
    outcomes counted;
    for (const auto& outcome : each) {
      ++counted[outcome];
    }
    return counted;
  }

  std::uint64_t active_devices() const {
    return services::read_from(*world.store,
                               [&](services::repositories& tables) {
                                 return tables.devices.count_active(subscription.subject.id);
                               })
        .value();
  }

  void subscribe(std::uint32_t device_limit) {
    subscription = world.subscribe(user, world.add_plan({.device_limit = device_limit}));
  }

  test_support::deployment world;
  models::user user = world.add_user();
  models::gateway gateway = world.join().gateway;
  services::subscription_report subscription;

 private:
  std::unique_ptr<storage::sql_store> replica_;
};

TEST_F(EnrolmentRace, TicketsRedeemedAtOnceMakeAsManyDevicesAsThePlanAllows) {
  subscribe(3);
  std::vector<std::string> tickets;
  for (std::size_t i = 0; i < redeemers; ++i) {
    tickets.push_back(world.ticket_for(user, gateway));
  }
  EXPECT_EQ(redeem_at_once(tickets),
            (outcomes{{std::error_code(), 3}, {errc::device_limit, redeemers - 3}}));
  EXPECT_EQ(active_devices(), 3U);
}

TEST_F(EnrolmentRace, TicketRedeemedAtOnceIsGoodAsOftenAsItSays) {
  subscribe(40);
  const std::vector<std::string> same(redeemers, world.ticket_for(user, gateway, 5));
  EXPECT_EQ(redeem_at_once(same),
            (outcomes{{std::error_code(), 5}, {errc::ticket_spent, redeemers - 5}}));
  EXPECT_EQ(active_devices(), 5U);
}

}
}
