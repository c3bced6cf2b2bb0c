#include "httvps/sdk/enrolment.hpp"

#include <algorithm>
#include <utility>

#include "control_call.hpp"
#include "control_session.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

base::result<dial_order> order_for(const enrolment_order& order,
                                   const identity::verified_enrolment& verified,
                                   const identity::signing_key& key) {
  const auto& gateways = verified.config.gateways;
  const auto gateway =
      std::ranges::find(gateways, verified.ticket.gateway_id, &identity::gateway_entry::id);
  if (gateway == gateways.end()) {
    return base::fail(errc::no_permitted_gateway);
  }
  return dial_order{
      .gateway = *gateway,
      .proof = {.kind = recognition_kind::ticket, .document = order.link.ticket, .device = key},
      .connect_to = order.connect_to};
}

control_task<enrolment_answer> ask(dial_order order, enrolment_request request,
                                   base::steady_time deadline) {
  const auto link = co_await open_control_session(std::move(order), deadline);
  if (!link) {
    co_return problem_of(link.error());
  }
  auto answer = co_await request_enrolment(*link, std::move(request), deadline);
  static_cast<void>(co_await close_control_session(*link, deadline));
  co_return answer;
}

control_task<enrolment_answer> ask_once(enrolment_order order, identity::signing_key key,
                                        base::steady_time deadline) {
  const auto verified =
      identity::verify_enrolment_link(order.link, base::real_clock().system_now());
  if (!verified) {
    co_return problem_of(verified.error());
  }
  auto dial = order_for(order, *verified, key);
  if (!dial) {
    co_return problem_of(dial.error());
  }
  enrolment_request request{.ticket = order.link.ticket,
                            .device_key = key.public_part(),
                            .name = order.name,
                            .platform = order.platform};
  co_return co_await ask(std::move(*dial), std::move(request), deadline);
}

base::result<device_account> keep(const state_store& store, const enrolment_order& order,
                                  const enrolment_answer& answer) {
  HTTVPS_TRY(auto key, store.load_or_create_pending_key(base::secure_random()));
  const enrolment_record record{.root = order.link.root,
                                .key_set = answer.key_set,
                                .config = answer.config,
                                .token = base::secret_bytes::from_text(answer.token),
                                .device_id = answer.device_id,
                                .name = order.name};
  HTTVPS_TRY(auto account,
             device_account::make(std::move(key), record, base::real_clock().system_now()));
  HTTVPS_CHECK(store.adopt_pending(record));
  return account;
}

}

control_task<device_account> enrol_device(state_store store, enrolment_order order,
                                          base::steady_time deadline) {
  if (order.present == present_enrolment::keep && store.has_record()) {
    co_return problem_of(errc::already_enrolled);
  }
  std::expected<enrolment_answer, control_problem> answer = problem_of(errc::control_refused);
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto key = store.load_or_create_pending_key(base::secure_random());
    if (!key) {
      co_return problem_of(key.error());
    }
    answer = co_await ask_once(order, std::move(*key), deadline);
    if (answer || answer.error().code != errc::device_known_elsewhere) {
      break;
    }
    if (const auto dropped = store.drop_pending_key(); !dropped) {
      co_return problem_of(dropped.error());
    }
  }
  if (!answer) {
    co_return std::unexpected(answer.error());
  }
  auto kept = keep(store, order, *answer);
  if (!kept) {
    co_return problem_of(kept.error());
  }
  co_return std::move(*kept);
}

}
