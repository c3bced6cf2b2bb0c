#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "httvps/backend/services/store.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_admission_notes = 65536;

class admission_notes {
 public:
  using session_key = std::pair<models::gateway_id, std::string>;

  void add_session(models::known_session session);
  void add_seen(const seen_device& seen);
  void take_newer(admission_notes newer);
  void take_older(admission_notes older);

  const models::known_session* find(const session_key& key) const;
  std::size_t size() const noexcept { return sessions_.size() + seen_.size(); }
  base::result<> save(repositories& tables) const;

 private:
  std::map<session_key, models::known_session> sessions_;
  std::map<models::device_id, seen_device> seen_;
};

class admission_book {
 public:
  admission_book(store& storage, base::metric_registry& metrics,
                 std::size_t most = most_admission_notes);
  admission_book(const admission_book&) = delete;
  admission_book& operator=(const admission_book&) = delete;
  ~admission_book() = default;

  void add(admission_notes fresh);
  std::optional<models::device_id> holder_of(const admission_notes::session_key& session) const;
  base::result<> flush();
  std::size_t size() const;
  bool has_room() const { return size() < most_; }

 private:
  void keep_again(const base::result<>& written);

  store& storage_;
  std::size_t most_;
  std::timed_mutex turn_;
  mutable std::mutex mutex_;
  admission_notes waiting_;
  admission_notes under_way_;
  base::counter written_;
  base::counter failed_;
};

base::result<> flush(admission_book* book);

}
