#include "httvps/backend/services/admission_book.hpp"

#include <chrono>
#include <ranges>
#include <vector>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::seconds longest_turn{2};

template <typename Key, typename Value>
std::vector<Value> values_of(const std::map<Key, Value>& all) {
  const auto values = all | std::views::values;
  return {values.begin(), values.end()};
}

base::counter flush_counter(base::metric_registry& metrics, std::string result) {
  return metrics.add_counter({.name = "httvps_backend_admission_flushes_total",
                              .help = "Writings of the admissions that waited in memory.",
                              .labels = {{"result", std::move(result)}}});
}

}

void admission_notes::add_session(models::known_session session) {
  session_key key{session.gateway, session.session};
  sessions_.insert_or_assign(std::move(key), std::move(session));
}

void admission_notes::add_seen(const seen_device& seen) {
  seen_.insert_or_assign(seen.device, seen);
}

void admission_notes::take_newer(admission_notes newer) {
  for (auto& [key, session] : newer.sessions_) {
    sessions_.insert_or_assign(key, std::move(session));
  }
  for (const auto& [device, seen] : newer.seen_) {
    seen_.insert_or_assign(device, seen);
  }
}

void admission_notes::take_older(admission_notes older) {
  sessions_.merge(older.sessions_);
  seen_.merge(older.seen_);
}

const models::known_session* admission_notes::find(const session_key& key) const {
  const auto found = sessions_.find(key);
  return found != sessions_.end() ? &found->second : nullptr;
}

base::result<> admission_notes::save(repositories& tables) const {
  HTTVPS_CHECK(tables.admissions.save_sessions(values_of(sessions_)));
  return tables.admissions.mark_seen(values_of(seen_));
}

admission_book::admission_book(store& storage, base::metric_registry& metrics, std::size_t most)
    : storage_(storage),
      most_(most),
      written_(flush_counter(metrics, "written")),
      failed_(flush_counter(metrics, "failed")) {
  metrics.add_callback_gauge({.name = "httvps_backend_admission_notes_waiting",
                              .help = "Notes of admissions that are in memory only."},
                             [this] { return static_cast<double>(size()); });
}

void admission_book::add(admission_notes fresh) {
  const std::lock_guard lock(mutex_);
  waiting_.take_newer(std::move(fresh));
}

std::optional<models::device_id> admission_book::holder_of(
    const admission_notes::session_key& session) const {
  const std::lock_guard lock(mutex_);
  for (const auto* notes : {&waiting_, &under_way_}) {
    if (const auto* found = notes->find(session)) {
      return found->device;
    }
  }
  return std::nullopt;
}

base::result<> admission_book::flush() {
  const std::unique_lock turn(turn_, longest_turn);
  if (!turn.owns_lock()) {
    return base::fail(errc::storage_busy);
  }
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == 0) {
      return {};
    }
    std::swap(waiting_, under_way_);
  }
  const auto written = storage_.note_later(
      [this](repositories& tables) { return std::as_const(under_way_).save(tables); });
  keep_again(written);
  return written;
}

void admission_book::keep_again(const base::result<>& written) {
  const std::lock_guard lock(mutex_);
  if (written) {
    written_.add();
  } else {
    failed_.add();
    waiting_.take_older(std::move(under_way_));
  }
  under_way_ = {};
}

std::size_t admission_book::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + under_way_.size();
}

base::result<> flush(admission_book* book) {
  return book != nullptr ? book->flush() : base::result<>();
}

}
