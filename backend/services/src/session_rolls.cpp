#include "httvps/backend/services/admission_book.hpp"
#include "httvps/backend/services/validation_service.hpp"

namespace httvps::backend::services {
namespace {

std::string holder_of(const models::gateway& gateway, const std::string& epoch) {
  return gateway.id.text() + "/" + epoch;
}

}

std::uint32_t validation_service::count_session(const models::gateway& gateway,
                                                const validation_order& order,
                                                const admitted_device& admitted) const {
  if (live_ == nullptr || order.epoch.empty()) {
    return 0;
  }
  return live_
      ->admit({.who = {.device = admitted.device.text(),
                       .holder = holder_of(gateway, order.epoch),
                       .session = order.session},
               .opened_at = tools_.clock.system_now(),
               .limit = admitted.terms.session_limit})
      .value_or(0);
}

base::result<std::vector<shared::session_arrival>> validation_service::validated_ones(
    const models::gateway& gateway, const roll_order& told) const {
  using arrivals = std::vector<shared::session_arrival>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<arrivals> {
    arrivals found;
    for (const auto& each : told.held) {
      HTTVPS_TRY(const auto known,
                 tables.known_sessions.find({.gateway = gateway.id, .session = each.session}));
      if (known && known->device == each.device) {
        found.push_back({.who = {.device = each.device.text(),
                                 .holder = holder_of(gateway, told.epoch),
                                 .session = each.session},
                         .opened_at = known->validated_at,
                         .limit = 0});
      }
    }
    return found;
  });
}

base::result<shared::roll_reply> validation_service::take_roll(const models::gateway& gateway,
                                                               const roll_order& told) const {
  if (live_ == nullptr) {
    return shared::roll_reply{};
  }
  HTTVPS_CHECK(flush(tools_.book));
  HTTVPS_TRY(const auto found, validated_ones(gateway, told));
  shared::session_roll roll{
      .holder = holder_of(gateway, told.epoch), .roll = told.roll, .seq = told.seq, .ended = {}};
  for (const auto& each : told.ended) {
    roll.ended.push_back(
        {.device = each.device.text(), .holder = roll.holder, .session = each.session});
  }
  HTTVPS_TRY(auto reply, live_->note(roll));
  if (reply.standing == shared::roll_standing::in_step) {
    for (const auto& each : found) {
      HTTVPS_CHECK(live_->admit(each));
    }
  }
  return reply;
}

}
