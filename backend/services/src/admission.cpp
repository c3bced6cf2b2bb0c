#include "httvps/backend/services/admission.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr errc denials[] = {errc::device_revoked, errc::subscription_expired, errc::quota_exceeded,
                            errc::device_limit,   errc::session_limit,        errc::region_denied,
                            errc::token_expired,  errc::token_invalid};

}

base::result<device_holder> load_holder(repositories& tables, const models::device_id& device,
                                        base::system_time now) {
  HTTVPS_TRY(auto known, required(tables.devices.find(device), errc::token_invalid));
  HTTVPS_TRY(auto user, required(tables.users.find(known.user), errc::user_not_found));
  HTTVPS_TRY(const auto subject,
             required(tables.subscriptions.find(known.subscription), errc::subscription_not_found));
  HTTVPS_TRY(auto report, report_on(tables, subject, now));
  HTTVPS_TRY(const auto earlier, tables.devices.count_active_before(known));
  return device_holder{.device = std::move(known),
                       .user = std::move(user),
                       .subscription = std::move(report),
                       .earlier_devices = earlier};
}

base::result<> check_subscription(const subscription_report& report) {
  using standing = models::subscription_standing;
  if (report.standing == standing::limited) {
    return base::fail(errc::quota_exceeded);
  }
  if (report.standing != standing::active) {
    return base::fail(errc::subscription_expired);
  }
  return {};
}

base::result<> check_admission(const device_holder& holder, std::string_view region) {
  if (holder.device.state == models::device_state::revoked) {
    return base::fail(errc::device_revoked);
  }
  if (holder.user.state != models::user_state::active) {
    return base::fail(errc::subscription_expired);
  }
  HTTVPS_CHECK(check_subscription(holder.subscription));
  if (holder.earlier_devices >= holder.subscription.terms.device_limit) {
    return base::fail(errc::device_limit);
  }
  if (!holder.subscription.terms.covers_region(region)) {
    return base::fail(errc::region_denied);
  }
  return {};
}

bool is_denial(const std::error_code& failure) noexcept {
  return std::ranges::any_of(denials, [&](errc code) { return failure == code; });
}

}
