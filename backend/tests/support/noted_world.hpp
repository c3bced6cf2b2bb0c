#pragma once

#include <gtest/gtest.h>

#include "faulty_store.hpp"
#include "httvps/backend/services/admission_book.hpp"
#include "metered_world.hpp"

namespace httvps::backend::test_support {

struct noted_world : metered_world {
  explicit noted_world(std::size_t most = services::most_admission_notes)
      : book(storage, metrics, most) {}

  std::error_code ask(const std::string& session) { return ask(session, token); }
  std::error_code ask(const std::string& session, const std::string& shown) {
    const services::validation_request alone[] = {
        {.gateway = gateway, .order = {.token = shown, .session = session, .epoch = "0a"}}};
    const auto answers = validation.validate_together(alone, services::notes_go::into_the_book);
    if (!answers.front()) {
      return answers.front().error();
    }
    const auto* denied = std::get_if<services::denied_device>(&*answers.front());
    return denied == nullptr ? std::error_code() : denied->reason;
  }
  std::optional<models::known_session> written(const std::string& session) {
    return services::read_from(
               *world.store,
               [&](services::repositories& tables) {
                 return tables.known_sessions.find({.gateway = gateway.id, .session = session});
               })
        .value();
  }
  std::optional<base::system_time> last_seen() {
    return world.devices.report(device).value().holder.device.last_seen_at;
  }

  services::service_tools with_book() {
    auto made = world.tools;
    made.book = &book;
    return made;
  }

  base::metric_registry metrics;
  faulty_store storage{*world.store};
  services::admission_book book;
  services::service_tools tools = with_book();
  services::validation_service validation{tools, &world.live};
  services::gateway_service gateways{tools, {}};
  models::device_id device = models::device_id::trusted(
      world.authority.verify_token(token, identity::expiry_grace::none()).value().claims.device_id);
};

}
