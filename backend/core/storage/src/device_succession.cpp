#include "counting.hpp"
#include "device_tables.hpp"

namespace httvps::backend::storage {
namespace {

base::result<std::uint64_t> count_suspended(connection& database, const models::user_id& user) {
  return count_rows(database, {.sql = "SELECT COUNT(*) AS total FROM devices JOIN subscriptions "
                                      "ON subscriptions.id = devices.subscription_id "
                                      "WHERE devices.user_id = :user AND devices.state = 'active' "
                                      "AND subscriptions.suspended_at IS NOT NULL",
                               .parameters = {user.text()}});
}

base::result<std::uint64_t> count_elsewhere(connection& database,
                                            const services::device_succession& wanted) {
  return count_rows(database, {.sql = "SELECT COUNT(*) AS total FROM devices "
                                      "WHERE user_id = :user AND state = 'active' "
                                      "AND subscription_id <> :heir",
                               .parameters = {wanted.user.text(), wanted.heir.text()}});
}

}

base::result<services::device_heritage> device_table::take_along(
    const services::device_succession& wanted) {
  HTTVPS_TRY(const auto suspended, count_suspended(database(), wanted.user));
  HTTVPS_CHECK(database().execute(
      {.sql = "UPDATE devices SET subscription_id = :heir WHERE id IN "
              "(SELECT id FROM devices WHERE user_id = :user AND state = 'active' "
              "AND subscription_id <> :same ORDER BY COALESCE(last_seen_at, enrolled_at) DESC, "
              "enrolled_at DESC, id DESC LIMIT :most)",
       .parameters = {wanted.heir.text(), wanted.user.text(), wanted.heir.text(),
                      to_stored(wanted.most)}}));
  HTTVPS_TRY(const auto taken, count_active(wanted.heir));
  HTTVPS_TRY(const auto left, count_elsewhere(database(), wanted));
  return services::device_heritage{.taken = taken, .left = left, .suspended = suspended};
}

}
