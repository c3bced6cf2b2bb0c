#include <fmt/format.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {
namespace {

constexpr int hours_a_day = 24;

using share_page = models::page<models::hourly_share>;

bool fits(const models::hourly_share& share, const hour_filter& wanted) {
  return (!wanted.node || share.node == *wanted.node) &&
         (!wanted.gateway || share.gateway == *wanted.gateway);
}

class page_filler {
 public:
  page_filler(const hour_filter& wanted, const models::page_request& page)
      : wanted_(wanted), page_(page) {}

  bool is_behind(const std::string& hour) const {
    return hour < page_.after.substr(0, hour.size());
  }
  void take(models::hourly_share share) {
    if (found_.more || key_of(share) <= page_.after || !fits(share, wanted_)) {
      return;
    }
    if (found_.items.size() == page_.size) {
      found_.more = true;
      return;
    }
    found_.items.push_back(std::move(share));
  }
  bool is_done() const noexcept { return found_.more; }
  share_page give() { return std::move(found_); }

 private:
  const hour_filter& wanted_;
  const models::page_request& page_;
  share_page found_;
};

}

std::string key_of(const models::hourly_share& share) {
  return fmt::format("{}/{}/{}", share.hour, share.node.text(), share.gateway.text());
}

base::result<models::page<models::hourly_share>> usage_service::hours(
    const hour_filter& wanted, const models::page_request& page) const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return base::fail(errc::schema_too_old);
  }
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<share_page> {
    page_filler filler(wanted, page);
    for (int at = 0; at < hours_a_day && !filler.is_done(); ++at) {
      const auto hour = fmt::format("{}T{:02}", wanted.day, at);
      if (filler.is_behind(hour)) {
        continue;
      }
      HTTVPS_TRY(auto shares, tables.hours.list({.first = hour, .last = hour}));
      for (auto& each : shares) {
        filler.take(std::move(each));
      }
    }
    return filler.give();
  });
}

}
