#include "httvps/gateway/sessions/farewell.hpp"

#include <utility>

namespace httvps::gateway {

farewell farewell_at(withdrawal how) {
  switch (how) {
    case withdrawal::revoked:
      return {wire::errc::device_revoked,
              "The access of this device was taken away; the session ends."};
    case withdrawal::user_suspended:
      return {wire::errc::access_suspended,
              "An administrator has suspended this user; the session ends."};
    case withdrawal::subscription_suspended:
      return {wire::errc::access_suspended,
              "An administrator has suspended this subscription; the session ends."};
  }
  std::unreachable();
}

farewell farewell_at(lease_end why) {
  switch (why) {
    case lease_end::quota_exceeded:
      return {wire::errc::quota_exceeded,
              "The traffic quota of the subscription is used up; the session ends."};
    case lease_end::subscription_expired:
      return farewell_at_expiry();
    case lease_end::access_suspended:
      return {wire::errc::access_suspended,
              "An administrator has suspended this access; the session ends."};
  }
  std::unreachable();
}

farewell farewell_at_expiry() {
  return {wire::errc::subscription_expired, "The subscription has expired; the session ends."};
}

}
