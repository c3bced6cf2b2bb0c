#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deployment.hpp"

namespace httvps::backend::test_support {

struct quota_world {
  struct wish {
    base::byte_count used = 0;
    base::byte_count want = 0;
  };

  explicit quota_world(base::byte_count quota);

  services::granted_lease lease(const models::gateway& gateway, const std::string& epoch,
                                const wish& wanted);
  services::granted_lease lease_with(const models::gateway& gateway, const std::string& epoch,
                                     const wish& wanted, std::optional<std::string> token);
  void report(const models::gateway& gateway, const std::string& epoch, base::byte_count counted);
  void skip_batch(const models::gateway& gateway, const std::string& epoch);
  bool is_kept(const models::gateway& gateway, const std::string& epoch);

  deployment world;
  models::user user = world.add_user();
  models::gateway first = world.join("first").gateway;
  models::gateway second = world.join("second").gateway;
  models::node node = world.add_node();
  models::plan terms;
  services::subscription_report subscription;
  enrolled device;

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> sequences_;
};

class lease_model {
 public:
  explicit lease_model(quota_world& metered) : metered_(metered) {}

  void take(std::uint16_t step);
  void use_everything();
  void report_everything();
  base::byte_count promised() const;
  base::byte_count used() const;

 private:
  struct member {
    const models::gateway* gateway = nullptr;
    std::string epoch;
    base::byte_count granted = 0;
    base::byte_count used = 0;
    base::byte_count reported = 0;
  };

  services::lease_outlook renew(member& one, base::byte_count want);
  void report(member& one);
  void die(member& one);

  quota_world& metered_;
  std::vector<member> living_ = {{.gateway = &metered_.first, .epoch = "1"},
                                 {.gateway = &metered_.second, .epoch = "2"},
                                 {.gateway = &metered_.second, .epoch = "3"}};
  std::vector<member> dead_;
};

}
