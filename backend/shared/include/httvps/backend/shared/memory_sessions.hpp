#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "httvps/backend/shared/live_sessions.hpp"

namespace httvps::backend::shared {

class memory_sessions final : public live_sessions {
 public:
  explicit memory_sessions(const base::clock& clock, std::size_t most_devices = 1'000'000)
      : clock_(clock), most_devices_(most_devices) {}

  base::result<std::uint32_t> admit(const session_arrival& arrived) override;
  base::result<roll_reply> note(const session_roll& told) override;
  std::size_t devices() const;

 private:
  struct entry {
    std::string holder;
    std::string roll;
    std::string session;
    base::system_time opened_at;
  };
  struct holding {
    std::string roll;
    std::uint64_t seq = 0;
    base::steady_time heard_at;
    std::set<std::string> to_end;
  };
  using entries = std::vector<entry>;

  bool is_live(const entry& one) const;
  void add(entries& held, const session_arrival& arrived) const;
  std::uint32_t settle(entries& held, const session_arrival& arrived);
  void remove(const live_session& ended);
  void sweep();

  const base::clock& clock_;
  std::size_t most_devices_;
  mutable std::mutex mutex_;
  std::map<std::string, entries, std::less<>> devices_;
  std::map<std::string, holding, std::less<>> holders_;
  base::steady_time swept_at_{};
};

}
