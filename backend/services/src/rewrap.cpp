#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/trust_service.hpp"

namespace httvps::backend::services {
namespace {

using models::rewrap_state;

struct column_place {
  sealed_cell_repository& cells;
  const sealed_column& from;
};

base::result<> count_column(const column_place& at, const std::vector<std::string>& known,
                            std::vector<sealed_count>& counts) {
  const auto note = [&](std::string key_id, std::uint64_t values) {
    if (values > 0) {
      counts.push_back({.table = at.from.table,
                        .column = at.from.column,
                        .key_id = std::move(key_id),
                        .values = values});
    }
  };
  HTTVPS_TRY(auto unknown, at.cells.count(at.from, sealed_prefix));
  for (const auto& key_id : known) {
    HTTVPS_TRY(const auto values, at.cells.count(at.from, sealed_head(key_id)));
    unknown -= key_id == clear_key_id ? 0 : std::min(values, unknown);
    note(key_id, values);
  }
  note(std::string(unknown_key_id), unknown);
  return {};
}

std::vector<std::string> countable_keys(const key_ring& ring) {
  auto known = ring.ids();
  if (std::ranges::find(known, clear_key_id) == known.end()) {
    known.emplace_back(clear_key_id);
  }
  return known;
}

base::result<std::optional<std::string>> rewrapped(const service_tools& tools,
                                                   const sealed_column& in,
                                                   const sealed_value& known) {
  const cell_name cell{.table = in.table, .column = in.column, .record = known.record};
  const auto content = tools.cipher.open(cell, known.stored);
  if (!content) {
    return std::optional<std::string>();
  }
  return std::optional(tools.cipher.seal(cell, *content, tools.random));
}

base::result<> rewrap_values(const column_place& at, const service_tools& tools,
                             const std::vector<sealed_value>& values, rewrap_order& order) {
  for (const auto& known : values) {
    HTTVPS_TRY(const auto fresh, rewrapped(tools, at.from, known));
    if (fresh) {
      HTTVPS_CHECK(at.cells.replace(at.from, known, *fresh));
    }
    ++(fresh ? order.rewrapped : order.unreadable);
    order.after = known.record;
  }
  return {};
}

void move_on(rewrap_order& order, std::size_t found, base::system_time now) {
  if (found == rewrap_batch) {
    return;
  }
  ++order.column;
  order.after.clear();
  if (order.column == std::size(sealed_columns)) {
    order.state = rewrap_state::done;
    order.finished_at = now;
  }
}

bool may_work(const rewrap_order& order, const key_ring& ring) {
  return order.state == rewrap_state::running && order.key_id == ring.active() &&
         order.column < std::size(sealed_columns);
}

}

std::uint64_t ring_report::values_of(std::string_view key_id) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& one : counts) {
    sum += one.key_id == key_id ? one.values : 0;
  }
  return sum;
}

base::result<ring_report> trust_service::show_ring() const {
  const auto ring = tools_.cipher.ring();
  ring_report report{.mode = ring->mode(),
                     .active = ring->active(),
                     .keys = ring->ids(),
                     .counts = {},
                     .rewrap = {}};
  const auto known = countable_keys(*ring);
  HTTVPS_CHECK(
      cells_.read_cells([&](sealed_cell_repository& cells, repositories& tables) -> base::result<> {
        report.counts.clear();
        for (const auto& column : sealed_columns) {
          HTTVPS_CHECK(count_column({.cells = cells, .from = column}, known, report.counts));
        }
        HTTVPS_TRY(report.rewrap, load_rewrap(tables));
        return {};
      }));
  return report;
}

base::result<ring_report> trust_service::order_rewrap(const admin_actor& actor) const {
  const auto active = tools_.cipher.key_id();
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, load_rewrap(tables));
    if (known.state == rewrap_state::running && known.key_id == active) {
      return {};
    }
    HTTVPS_CHECK(save_rewrap(tables, {.state = rewrap_state::running,
                                      .key_id = active,
                                      .ordered_at = tools_.clock.system_now(),
                                      .finished_at = {}}));
    return record_change(tables, tools_, actor,
                         {.action = "keys.rewrap", .object = "keys", .detail = active});
  }));
  return show_ring();
}

base::result<std::size_t> trust_service::rewrap_some() const {
  const auto ring = tools_.cipher.ring();
  std::size_t found = 0;
  const auto body = [&](sealed_cell_repository& cells, repositories& tables) -> base::result<> {
    found = 0;
    HTTVPS_TRY(auto order, load_rewrap(tables));
    if (!may_work(order, *ring)) {
      return {};
    }
    const column_place at{.cells = cells, .from = sealed_columns[order.column]};
    const auto head = sealed_head(ring->active());
    HTTVPS_TRY(
        const auto values,
        cells.list(at.from, {.other_than = head, .after = order.after, .most = rewrap_batch}));
    HTTVPS_CHECK(rewrap_values(at, tools_, values, order));
    move_on(order, values.size(), tools_.clock.system_now());
    HTTVPS_CHECK(save_rewrap(tables, order));
    found = std::max<std::size_t>(values.size(), 1);
    return {};
  };
  HTTVPS_CHECK(cells_.write_cells(body));
  return found;
}

base::result<> trust_service::rewrap() const {
  HTTVPS_TRY(const auto order, read_from(tools_.storage, load_rewrap));
  if (!may_work(order, *tools_.cipher.ring())) {
    return {};
  }
  std::size_t done = 0;
  while (done < rewrap_round_values) {
    HTTVPS_TRY(const auto found, rewrap_some());
    if (found == 0) {
      return {};
    }
    done += found;
  }
  return {};
}

}
