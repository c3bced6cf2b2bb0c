#pragma once

#include "deployment.hpp"

namespace httvps::backend::test_support {

struct metered_world {
  services::usage_report_line line(std::uint64_t session, models::traffic counted,
                                   std::optional<std::string> proof = {}) const {
    return {.session = session, .node = node.id, .counted = counted, .token = std::move(proof)};
  }
  services::usage_report batch(std::uint64_t seq,
                               std::vector<services::usage_report_line> lines) const {
    return {.epoch = "0a", .seq = seq, .lines = std::move(lines)};
  }
  base::result<services::usage_receipt> report(const services::usage_report& sent) {
    return world.usage.report(gateway, sent);
  }
  models::traffic used() { return world.used_by(subscription.subject.id); }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan();
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  models::node node = world.add_node();
  std::string token = world.enrol(user, gateway).answer.token;
};

}
