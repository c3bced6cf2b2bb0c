#include "httvps/backend/services/usage_proof.hpp"

#include <map>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

using std::chrono::days;

constexpr usage_book all_books[] = {usage_book::journal, usage_book::hours, usage_book::days};

struct read_book {
  usage_book book;
  std::vector<node_sum> nodes;
};

struct read_day {
  std::vector<read_book> books;
  unfinished_usage unfinished;
  std::vector<epoch_gap> gaps;
};

utc_day span_of(std::chrono::sys_days day) {
  const base::system_time begins = day;
  return {.text = models::day_of(begins), .begins = begins, .ends = begins + days(1)};
}

base::result<read_day> read_all(repositories& tables, const utc_day& day) {
  read_day found;
  for (const auto book : all_books) {
    HTTVPS_TRY(auto nodes, tables.day_sums.by_node(book, day));
    found.books.push_back({.book = book, .nodes = std::move(nodes)});
  }
  HTTVPS_TRY(found.unfinished, tables.day_sums.unfinished(day));
  HTTVPS_TRY(found.gaps, tables.day_sums.gaps(day, most_gaps_shown));
  return found;
}

struct keeping {
  live_settings live;
  days days_kept;
  base::system_time now;

  bool holds(usage_book book, const utc_day& day) const {
    switch (book) {
      case usage_book::journal:
        return day.begins >= now - days(live.usage_journal_days);
      case usage_book::hours:
        return models::hour_of(day.begins) >= models::hour_of(now - days(live.usage_hourly_days));
      case usage_book::days:
        return day.text >= models::day_of(now - days_kept);
    }
    return false;
  }
};

book_total total_of(const read_book& read) {
  book_total total{.book = read.book, .is_held = true};
  for (const auto& each : read.nodes) {
    total.rows += each.rows;
    total.sum = models::saturating_sum(total.sum, each.sum);
  }
  return total;
}

void compare(const read_book& one, const read_book& other, std::vector<book_difference>& into) {
  std::map<models::node_id, std::pair<models::traffic, models::traffic>> nodes;
  for (const auto& each : one.nodes) {
    nodes[each.node].first = each.sum;
  }
  for (const auto& each : other.nodes) {
    nodes[each.node].second = each.sum;
  }
  for (const auto& [node, sums] : nodes) {
    if (!(sums.first == sums.second)) {
      into.push_back({.book = one.book,
                      .other = other.book,
                      .node = node,
                      .in_book = sums.first,
                      .in_other = sums.second});
    }
  }
}

void judge(const read_day& read, const utc_day& day, const keeping& kept, proven_day& proven) {
  const read_book* before = nullptr;
  for (const auto& each : read.books) {
    if (!kept.holds(each.book, day)) {
      proven.books.push_back({.book = each.book});
      continue;
    }
    proven.books.push_back(total_of(each));
    if (before != nullptr) {
      compare(*before, each, proven.differences);
    }
    before = &each;
  }
}

}

bool proven_day::is_complete() const noexcept {
  return is_over && unfinished.uncounted_batches == 0 && unfinished.waiting_batches == 0;
}

base::result<proven_day> usage_proof::on(std::optional<std::chrono::sys_days> day) const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return base::fail(errc::schema_too_old);
  }
  const auto yesterday = std::chrono::floor<days>(tools_.clock.system_now()) - days(1);
  const auto wanted = span_of(day.value_or(yesterday));
  HTTVPS_TRY(const auto settings, settings_.find());
  HTTVPS_TRY(const auto read, read_from(tools_.storage, [&](repositories& tables) {
               return read_all(tables, wanted);
             }));
  const auto now = tools_.clock.system_now();
  proven_day proven{.day = wanted.text, .is_over = now >= wanted.ends};
  judge(read, wanted, {.live = settings.live, .days_kept = kept_, .now = now}, proven);
  proven.unfinished = read.unfinished;
  proven.gaps = read.gaps;
  return proven;
}

}
