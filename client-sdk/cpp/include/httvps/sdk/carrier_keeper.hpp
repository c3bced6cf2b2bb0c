#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::sdk {

enum class carrier_pattern { mixed, http2, http1 };

struct keeper_settings {
  carrier_pattern pattern = carrier_pattern::mixed;
  std::size_t carriers_most = 3;
  std::chrono::milliseconds age_least = std::chrono::minutes(30);
  std::chrono::milliseconds age_most = std::chrono::minutes(50);
  std::chrono::milliseconds idle_after = std::chrono::seconds(60);
  std::chrono::milliseconds second_after = std::chrono::milliseconds(500);
  std::chrono::milliseconds welcome_patience = std::chrono::seconds(15);
  std::chrono::milliseconds suspect_patience = std::chrono::milliseconds(500);
  std::chrono::milliseconds redial_least = std::chrono::milliseconds(100);
  std::chrono::milliseconds redial_most = std::chrono::seconds(5);
};

struct carrier_demand {
  std::size_t open_streams = 0;
  bool emergency = false;
  std::size_t connections = 0;
};

struct keeper_plan {
  std::optional<carrier_kind> dial = std::nullopt;
  std::vector<wire::carrier_number> retire = {};
  std::vector<wire::carrier_number> drop = {};
  base::steady_time look_again{};
};

class carrier_keeper {
 public:
  carrier_keeper(keeper_settings chosen, base::random_source& random);
  void use(const keeper_settings& chosen);

  void note_dialling(carrier_kind kind) { dialling_.push_back(kind); }
  void note_dial_failed(carrier_kind kind, base::steady_time now);
  void note_attached(wire::carrier_number number, carrier_kind kind, base::steady_time now);
  void note_ready(wire::carrier_number number);
  void note_suspected(wire::carrier_number number, base::steady_time now);
  void note_retired(wire::carrier_number number);
  void note_ended(wire::carrier_number number, base::steady_time now);
  void note_closed(wire::carrier_number number) { closing_.erase(number); }

  keeper_plan plan(carrier_demand demand, base::steady_time now);
  std::size_t live() const noexcept { return carriers_.size(); }
  std::optional<base::steady_time> suspect_since(wire::carrier_number number) const noexcept;

 private:
  struct kept_carrier {
    carrier_kind kind{};
    base::steady_time attached_at{};
    base::steady_time renew_at{};
    std::optional<base::steady_time> suspect_since = std::nullopt;
    bool ready = false;
    bool retiring = false;

    bool serves(base::steady_time now) const noexcept {
      return !retiring && !suspect_since && now < renew_at;
    }
  };

  base::steady_time renewal_of(base::steady_time attached_at);
  std::size_t wanted(carrier_demand demand, base::steady_time now);
  std::size_t serving(base::steady_time now) const noexcept;
  std::size_t ready_and_serving(base::steady_time now) const noexcept;
  void drop_hopeless(keeper_plan& plan, base::steady_time now) const;
  void retire_surplus(keeper_plan& plan, std::size_t want, base::steady_time now);
  bool make_room(keeper_plan& plan, std::size_t connections) const;
  carrier_kind next_kind() const noexcept;
  void schedule(keeper_plan& plan, base::steady_time now) const;

  keeper_settings chosen_;
  base::random_source& random_;
  std::map<wire::carrier_number, kept_carrier> carriers_;
  std::set<wire::carrier_number> closing_;
  std::vector<carrier_kind> dialling_;
  std::optional<base::steady_time> busy_since_;
  std::optional<base::steady_time> busy_until_;
  base::steady_time dial_not_before_{};
  std::size_t failures_ = 0;
};

}
