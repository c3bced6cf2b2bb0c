#include "httvps/backend/services/overview_service.hpp"

#include <algorithm>
#include <tuple>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::uint32_t gateways_a_look = 1000;
constexpr std::chrono::hours a_day{24};

std::string first_hour_of_days_back(base::system_time now, int days) {
  return models::day_of(now - days * a_day) + "T00";
}

base::result<std::uint64_t> count_users(repositories& tables, models::user_state state) {
  return tables.users.count({.state = state, .most = most_counted_users});
}

class onlooker {
 public:
  onlooker(node_fleet& fleet, base::system_time now) : fleet_(fleet), now_(now) {}

  base::result<> see_gateways(repositories& tables) {
    models::page_request wanted{.after = "", .size = gateways_a_look};
    for (bool more = true; more;) {
      HTTVPS_TRY(const auto found, tables.gateways.list(wanted));
      for (const auto& each : found.items) {
        see(each);
      }
      more = found.more;
      wanted.after = found.items.empty() ? "" : found.items.back().id.text();
    }
    return {};
  }

  base::result<> see_nodes(repositories& tables) {
    HTTVPS_TRY(const auto found, tables.nodes.list_all());
    for (const auto& each : found) {
      see(each);
    }
    return {};
  }

  base::result<> see_backlog(repositories& tables) {
    HTTVPS_TRY(const auto waiting, tables.backlog.state());
    seen_.waiting_batches = waiting.batches;
    if (waiting.oldest) {
      seen_.usage_lag =
          std::max(std::chrono::duration_cast<std::chrono::seconds>(now_ - *waiting.oldest),
                   std::chrono::seconds(0));
    }
    if (seen_.usage_lag > usage_late_after) {
      note({.kind = attention_kind::usage_late,
            .detail = std::to_string(seen_.usage_lag.count()) + " s behind"});
    }
    return {};
  }

  deployment_overview give() {
    std::ranges::sort(seen_.attention, {},
                      [](const attention_item& each) { return std::tie(each.kind, each.object); });
    seen_.attention.resize(std::min(seen_.attention.size(), most_attention_items));
    return std::move(seen_);
  }

 private:
  void note(attention_item item) { seen_.attention.push_back(std::move(item)); }

  void see(const models::gateway& gateway) {
    if (gateway.state == models::gateway_state::disabled) {
      ++seen_.gateways.disabled;
    } else if (gateway.state == models::gateway_state::pending) {
      ++seen_.gateways.pending;
      note({.kind = attention_kind::gateway_pending,
            .object = gateway.id.text(),
            .name = gateway.name});
    } else {
      see_approved(gateway);
    }
  }

  template <typename Member>
  void see_clock(const Member& member, const models::heartbeat& beat) {
    const auto ahead = std::chrono::round<std::chrono::seconds>(beat.sent_at - beat.received_at);
    if (std::chrono::abs(ahead) <= most_clock_skew) {
      return;
    }
    const auto seconds = std::to_string(std::chrono::abs(ahead).count());
    note({.kind = attention_kind::clock_skewed,
          .object = member.id.text(),
          .name = member.name,
          .detail = seconds + (ahead.count() > 0 ? " s ahead" : " s behind")});
  }

  void see_approved(const models::gateway& gateway) {
    const auto beat = fleet_.heartbeat_of(gateway.id.text());
    if (!beat || !models::is_alive(beat->received_at, now_)) {
      ++seen_.gateways.silent;
      note({.kind = attention_kind::gateway_silent,
            .object = gateway.id.text(),
            .name = gateway.name});
      return;
    }
    ++(gateway.draining_since ? seen_.gateways.draining : seen_.gateways.serving);
    seen_.online_sessions += beat->active_sessions;
    see_clock(gateway, *beat);
    if (!beat->last_error.empty()) {
      note({.kind = attention_kind::gateway_fault,
            .object = gateway.id.text(),
            .name = gateway.name,
            .detail = beat->last_error});
    }
  }

  void see(const models::node& node) {
    if (node.state == models::node_state::disabled) {
      ++seen_.nodes.disabled;
    } else if (node.state == models::node_state::draining) {
      ++seen_.nodes.draining;
    } else {
      see_enabled(node);
    }
  }

  void see_enabled(const models::node& node) {
    const auto beat = fleet_.heartbeat_of(node.id.text());
    if (beat && models::is_alive(beat->received_at, now_)) {
      see_clock(node, *beat);
    }
    const auto known = fleet_.find(node.id.text());
    if (!known || known->unfit == selection::obstacle::none) {
      ++seen_.nodes.fit;
      return;
    }
    ++seen_.nodes.unfit;
    note({.kind = attention_kind::node_unfit,
          .object = node.id.text(),
          .name = node.name,
          .detail = models::enum_text(known->unfit)});
  }

  node_fleet& fleet_;
  base::system_time now_;
  deployment_overview seen_;
};

}

base::result<overview_figures> overview_service::count(repositories& tables) const {
  const auto now = clock_.system_now();
  overview_figures counted{.counted_at = now};
  HTTVPS_TRY(counted.active_users, count_users(tables, models::user_state::active));
  HTTVPS_TRY(counted.suspended_users, count_users(tables, models::user_state::suspended));
  HTTVPS_TRY(counted.deleted_users, count_users(tables, models::user_state::deleted));
  const auto last = models::hour_of(now);
  HTTVPS_TRY(counted.today,
             tables.hours.total({.first = first_hour_of_days_back(now, 0), .last = last}));
  HTTVPS_TRY(counted.seven_days,
             tables.hours.total({.first = first_hour_of_days_back(now, 6), .last = last}));
  HTTVPS_TRY(counted.thirty_days,
             tables.hours.total({.first = first_hour_of_days_back(now, 29), .last = last}));
  return counted;
}

std::optional<overview_figures> overview_service::kept() const {
  const std::scoped_lock lock(mutex_);
  return kept_;
}

bool overview_service::is_fresh(const std::optional<overview_figures>& known) const {
  return known && clock_.system_now() - known->counted_at < figures_kept_for;
}

base::result<overview_figures> overview_service::figures() {
  auto known = kept();
  if (is_fresh(known)) {
    return *known;
  }
  std::unique_lock turn(counting_, std::try_to_lock);
  if (!turn && known) {
    return *known;
  }
  if (!turn) {
    turn.lock();
  }
  if (known = kept(); is_fresh(known)) {
    return *known;
  }
  HTTVPS_TRY(auto counted,
             read_from(storage_, [&](repositories& tables) { return count(tables); }));
  const std::scoped_lock lock(mutex_);
  kept_ = counted;
  return counted;
}

base::result<deployment_overview> overview_service::look() {
  if (storage_.schema_version() < usage_journal_schema) {
    return base::fail(errc::schema_too_old);
  }
  HTTVPS_TRY(const auto counted, figures());
  return read_from(storage_, [&](repositories& tables) -> base::result<deployment_overview> {
    HTTVPS_CHECK(fleet_.refresh(tables));
    onlooker looking(fleet_, clock_.system_now());
    HTTVPS_CHECK(looking.see_gateways(tables));
    HTTVPS_CHECK(looking.see_nodes(tables));
    HTTVPS_CHECK(looking.see_backlog(tables));
    auto overview = looking.give();
    overview.figures = counted;
    return overview;
  });
}

}
