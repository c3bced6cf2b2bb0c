#include "quota_world.hpp"

#include <algorithm>
#include <stdexcept>

namespace httvps::backend::test_support {
namespace {

constexpr base::byte_count unit = 64 * base::kibibyte;

}

quota_world::quota_world(base::byte_count quota)
    : terms(world.add_plan({.quota_bytes = quota, .reset = models::reset_period::month})),
      subscription(world.subscribe(user, terms)),
      device(world.enrol(user, first)) {}

services::granted_lease quota_world::lease(const models::gateway& gateway, const std::string& epoch,
                                           const wish& wanted) {
  return lease_with(gateway, epoch, wanted, device.answer.token);
}

services::granted_lease quota_world::lease_with(const models::gateway& gateway,
                                                const std::string& epoch, const wish& wanted,
                                                std::optional<std::string> token) {
  const auto answer =
      world.quota.lease(gateway, {.epoch = epoch,
                                  .items = {{.subscription = subscription.subject.id,
                                             .used = wanted.used,
                                             .want = wanted.want,
                                             .token = std::move(token)}}});
  if (!answer) {
    throw std::runtime_error(std::string(base::label_of(answer.error())));
  }
  return answer->front();
}

void quota_world::report(const models::gateway& gateway, const std::string& epoch,
                         base::byte_count counted) {
  auto& sequence = sequences_[{gateway.id.text(), epoch}];
  const auto receipt =
      world.usage.report(gateway, {.epoch = epoch,
                                   .seq = ++sequence,
                                   .lines = {{.session = 1,
                                              .node = node.id,
                                              .counted = {.up = counted, .down = 0},
                                              .token = device.answer.token}}});
  if (!receipt || !receipt->posted || receipt->posted->quarantined > 0) {
    throw std::runtime_error("the report was not counted");
  }
}

void quota_world::skip_batch(const models::gateway& gateway, const std::string& epoch) {
  ++sequences_[{gateway.id.text(), epoch}];
}

bool quota_world::is_kept(const models::gateway& gateway, const std::string& epoch) {
  const auto found = services::read_from(*world.store, [&](services::repositories& tables) {
    return tables.quota_leases.find({.epoch = {.gateway = gateway.id, .epoch = epoch},
                                     .subscription = subscription.subject.id});
  });
  return found.value().has_value();
}

services::lease_outlook lease_model::renew(member& one, base::byte_count want) {
  const auto answer = metered_.lease(*one.gateway, one.epoch, {.used = one.used, .want = want});
  one.granted = answer.granted;
  return answer.outlook;
}

void lease_model::report(member& one) {
  if (one.reported != one.used) {
    metered_.report(*one.gateway, one.epoch, one.used);
    one.reported = one.used;
  }
}

void lease_model::die(member& one) {
  report(one);
  dead_.push_back(one);
  one = {.gateway = one.gateway, .epoch = one.epoch + "f"};
  if (one.epoch.size() > 12) {
    one.epoch = dead_.back().epoch.substr(0, 1) + std::to_string(dead_.size());
  }
}

void lease_model::take(std::uint16_t step) {
  auto& one = living_[step % living_.size()];
  const auto amount = (step / 16) * unit;
  switch ((step / 3) % 7) {
    case 0:
    case 1:
      renew(one, std::max(amount % (32 * base::mebibyte), unit));
      break;
    case 2:
    case 3:
      one.used += std::min(one.granted - one.used, amount + step % 7);
      break;
    case 4:
      report(one);
      break;
    case 5:
      renew(one, 0);
      break;
    default:
      die(one);
      metered_.world.clock.advance(std::chrono::seconds(step % 400));
  }
}

void lease_model::use_everything() {
  for (auto& each : living_) {
    each.used = each.granted;
    report(each);
  }
  metered_.world.clock.advance(services::lease_settles_after);
  base::byte_count before = 0;
  do {
    before = used();
    for (auto& each : living_) {
      renew(each, 64 * base::mebibyte);
      each.used = each.granted;
    }
  } while (used() != before);
}

void lease_model::report_everything() {
  for (auto& each : living_) {
    report(each);
  }
}

base::byte_count lease_model::promised() const {
  base::byte_count sum = 0;
  for (const auto& each : living_) {
    sum += std::max(each.granted, each.used);
  }
  for (const auto& each : dead_) {
    sum += each.used;
  }
  return sum;
}

base::byte_count lease_model::used() const {
  base::byte_count sum = 0;
  for (const auto& each : living_) {
    sum += each.used;
  }
  for (const auto& each : dead_) {
    sum += each.used;
  }
  return sum;
}

}
