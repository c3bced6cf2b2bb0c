#include "httvps/backend/services/validation_service.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::minutes seen_precision{5};

using admission_result = base::result<admitted_device>;
using claims_result = base::result<identity::verified_access>;

struct proven_request {
  const validation_request& asked;
  std::size_t place = 0;
  std::chrono::seconds expired_since{0};
};

claims_result proven_claims(const service_tools& tools, const validation_request& request) {
  HTTVPS_TRY(auto proven,
             tools.authority.verify_token(request.order.token, identity::expiry_grace::renewal()));
  if (!proven.claims.allows_gateway(request.gateway.id.text())) {
    return base::fail(errc::region_denied);
  }
  return proven;
}

std::chrono::seconds recheck_of(const models::subscription& subject, base::system_time now) {
  if (!subject.next || subject.next->at <= now) {
    return validation_recheck;
  }
  const auto until = std::chrono::ceil<std::chrono::seconds>(subject.next->at - now);
  return std::min(validation_recheck, until);
}

admission_result admit(const proven_request& request, const std::optional<device_holder>& holder,
                       base::system_time now) {
  if (!holder) {
    return base::fail(errc::token_invalid);
  }
  if (request.expired_since > std::chrono::seconds(0) && !holder->is_known_session) {
    return base::fail(errc::token_expired);
  }
  HTTVPS_CHECK(check_admission(*holder, request.asked.gateway.region));
  return admitted_device{.device = holder->device.id,
                         .subscription = holder->device.subscription,
                         .terms = holder->subscription.terms,
                         .remaining = holder->unleased(),
                         .ends_at = holder->subscription.subject.expires_at,
                         .recheck = recheck_of(holder->subscription.subject, now)};
}

bool is_to_be_noted(const models::device& device, base::system_time now) {
  return !device.last_seen_at || now - *device.last_seen_at >= seen_precision;
}

class admission_notes {
 public:
  explicit admission_notes(base::system_time now) noexcept : now_(now) {}

  void add(const validation_request& asked, const device_holder& holder) {
    const auto& device = holder.device;
    sessions_[{asked.gateway.id, asked.order.session}] = {.gateway = asked.gateway.id,
                                                          .session = asked.order.session,
                                                          .device = device.id,
                                                          .validated_at = now_};
    if (is_to_be_noted(device, now_)) {
      seen_.emplace(device.id, device.id);
    }
  }

  void begin(const models::subscription& subject) { begun_.emplace(subject.id, subject); }

  base::result<> save(repositories& tables) const {
    HTTVPS_CHECK(tables.admissions.save_sessions(values_of(sessions_)));
    HTTVPS_CHECK(tables.admissions.begin_use(values_of(begun_)));
    return tables.admissions.mark_seen(values_of(seen_), now_);
  }

 private:
  template <typename Key, typename Value>
  static std::vector<Value> values_of(const std::map<Key, Value>& all) {
    std::vector<Value> values;
    values.reserve(all.size());
    for (const auto& each : all) {
      values.push_back(each.second);
    }
    return values;
  }

  base::system_time now_;
  std::map<std::pair<models::gateway_id, std::string>, models::known_session> sessions_;
  std::map<models::device_id, models::device_id> seen_;
  std::map<models::subscription_id, models::subscription> begun_;
};

struct proven_list {
  std::vector<proven_request> requests;
  std::vector<admission_query> queries;
};

base::result<std::vector<admission_result>> admit_in(repositories& tables,
                                                     const proven_list& proven,
                                                     base::system_time now) {
  HTTVPS_TRY(auto holders, load_holders(tables, proven.queries, now));
  std::vector<admission_result> admitted;
  admission_notes notes(now);
  for (std::size_t i = 0; i < holders.size(); ++i) {
    const bool begins = holders[i] && holders[i]->subscription.subject.awaits_use;
    if (begins) {
      begin_use(*holders[i], now);
    }
    admitted.push_back(admit(proven.requests[i], holders[i], now));
    if (admitted.back()) {
      notes.add(proven.requests[i].asked, *holders[i]);
    }
    if (admitted.back() && begins) {
      notes.begin(holders[i]->subscription.subject);
    }
  }
  HTTVPS_CHECK(notes.save(tables));
  return admitted;
}

base::result<validation_outcome> outcome_of(admission_result admitted) {
  if (admitted) {
    return validation_outcome(*std::move(admitted));
  }
  if (is_denial(admitted.error())) {
    return validation_outcome(denied_device{admitted.error()});
  }
  return base::fail(admitted.error());
}

}

validation_answers validation_service::validate_together(
    std::span<const validation_request> requests) const {
  validation_answers answers(requests.size(), base::fail(errc::storage_failed));
  proven_list proven;
  for (std::size_t place = 0; place < requests.size(); ++place) {
    const auto& asked = requests[place];
    const auto claims = proven_claims(tools_, asked);
    if (!claims) {
      answers[place] = outcome_of(base::fail(claims.error()));
      continue;
    }
    proven.requests.push_back(
        {.asked = asked, .place = place, .expired_since = claims->expired_since});
    proven.queries.push_back({.device = models::device_id::trusted(claims->claims.device_id),
                              .gateway = asked.gateway.id,
                              .session = asked.order.session});
  }
  if (proven.requests.empty()) {
    return answers;
  }
  const auto now = tools_.clock.system_now();
  auto admitted =
      note_in(tools_.storage, [&](repositories& tables) { return admit_in(tables, proven, now); });
  for (std::size_t i = 0; i < proven.requests.size(); ++i) {
    const auto& request = proven.requests[i];
    if (!admitted) {
      answers[request.place] = base::fail(admitted.error());
      continue;
    }
    auto& one = (*admitted)[i];
    if (one) {
      one->sessions_elsewhere = count_session(request.asked.gateway, request.asked.order, *one);
    }
    answers[request.place] = outcome_of(std::move(one));
  }
  return answers;
}

base::result<validation_outcome> validation_service::validate(const models::gateway& gateway,
                                                              const validation_order& order) const {
  const validation_request alone[] = {{.gateway = gateway, .order = order}};
  return std::move(validate_together(alone).front());
}

base::result<> validation_service::forget_old_sessions() const {
  const auto oldest = tools_.clock.system_now() - known_session_memory;
  return tools_.storage.write(
      [&](repositories& tables) { return tables.known_sessions.forget_before(oldest); });
}

}
