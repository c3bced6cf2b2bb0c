#include "httvps/backend/services/validation_service.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include "httvps/backend/services/admission_book.hpp"
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
  std::optional<models::device_id> noted_holder = {};
};

claims_result proven_claims(const service_tools& tools, const validation_request& request) {
  HTTVPS_TRY(auto proven,
             tools.authority.verify_token(request.order.token, identity::expiry_grace::renewal()));
  if (!proven.claims.allows_gateway(request.gateway.id.text())) {
    return base::fail(errc::region_denied);
  }
  return proven;
}

std::optional<models::device_id> noted_holder(const admission_book* book,
                                              const validation_request& asked) {
  return book != nullptr ? book->holder_of({asked.gateway.id, asked.order.session}) : std::nullopt;
}

std::chrono::seconds recheck_of(const models::subscription& subject, base::system_time now) {
  if (!subject.next || subject.next->at <= now) {
    return validation_recheck;
  }
  const auto until = std::chrono::ceil<std::chrono::seconds>(subject.next->at - now);
  return std::min(validation_recheck, until);
}

bool is_known(const proven_request& request, const device_holder& holder) {
  return request.noted_holder ? *request.noted_holder == holder.device.id : holder.is_known_session;
}

admission_result admit(const proven_request& request, const std::optional<device_holder>& holder,
                       base::system_time now) {
  if (!holder) {
    return base::fail(errc::token_invalid);
  }
  if (request.expired_since > std::chrono::seconds(0) && !is_known(request, *holder)) {
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

struct admission_moment {
  const device_holder& holder;
  base::system_time now;
};

bool is_to_be_noted(const models::device& device, base::system_time now) {
  return !device.last_seen_at || now - *device.last_seen_at >= seen_precision;
}

void note(admission_notes& notes, const validation_request& asked,
          const admission_moment& admitted) {
  const auto& device = admitted.holder.device;
  notes.add_session({.gateway = asked.gateway.id,
                     .session = asked.order.session,
                     .device = device.id,
                     .validated_at = admitted.now});
  if (is_to_be_noted(device, admitted.now)) {
    notes.add_seen({.device = device.id, .at = admitted.now});
  }
}

struct proven_list {
  std::vector<proven_request> requests;
  std::vector<admission_query> queries;
};

struct judged_list {
  std::vector<admission_result> admitted;
  admission_notes notes;
};

base::result<judged_list> judge_in(repositories& tables, const proven_list& proven,
                                   base::system_time now) {
  HTTVPS_TRY(auto holders, load_holders(tables, proven.queries, now));
  judged_list judged;
  std::map<models::subscription_id, models::subscription> begun;
  for (std::size_t i = 0; i < holders.size(); ++i) {
    const bool begins = holders[i] && holders[i]->subscription.subject.awaits_use;
    if (begins) {
      begin_use(*holders[i], now);
    }
    judged.admitted.push_back(admit(proven.requests[i], holders[i], now));
    if (!judged.admitted.back()) {
      continue;
    }
    note(judged.notes, proven.requests[i].asked, {.holder = *holders[i], .now = now});
    if (begins) {
      const auto& subject = holders[i]->subscription.subject;
      begun.emplace(subject.id, subject);
    }
  }
  const auto beginnings = begun | std::views::values;
  HTTVPS_CHECK(tables.admissions.begin_use(std::vector(beginnings.begin(), beginnings.end())));
  return judged;
}

base::result<std::vector<admission_result>> judge(const service_tools& tools,
                                                  const proven_list& proven, admission_book* book) {
  if (book != nullptr && !book->has_room()) {
    return base::fail(errc::storage_busy);
  }
  const auto now = tools.clock.system_now();
  HTTVPS_TRY(auto judged,
             note_later_in(tools.storage, [&](repositories& tables) -> base::result<judged_list> {
               HTTVPS_TRY(auto made, judge_in(tables, proven, now));
               HTTVPS_CHECK(book == nullptr ? made.notes.save(tables) : base::result<>());
               return made;
             }));
  if (book != nullptr) {
    book->add(std::move(judged.notes));
  }
  return std::move(judged.admitted);
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
    std::span<const validation_request> requests, notes_go to) const {
  validation_answers answers(requests.size(), base::fail(errc::storage_failed));
  proven_list proven;
  for (std::size_t place = 0; place < requests.size(); ++place) {
    const auto& asked = requests[place];
    const auto claims = proven_claims(tools_, asked);
    if (!claims) {
      answers[place] = outcome_of(base::fail(claims.error()));
      continue;
    }
    proven.requests.push_back({.asked = asked,
                               .place = place,
                               .expired_since = claims->expired_since,
                               .noted_holder = noted_holder(tools_.book, asked)});
    proven.queries.push_back({.device = models::device_id::trusted(claims->claims.device_id),
                              .gateway = asked.gateway.id,
                              .session = asked.order.session});
  }
  if (proven.requests.empty()) {
    return answers;
  }
  auto admitted = judge(tools_, proven, to == notes_go::into_the_book ? tools_.book : nullptr);
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
