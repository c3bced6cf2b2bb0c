#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "httvps/carriage/carried_session.hpp"

namespace httvps::carriage {

struct carried_session::carrier_slot {
  carrier_slot(const net::executor& runs_on, carrier_arrival&& arrival)
      : number(arrival.how.carrier),
        down_budget(arrival.how.down_budget),
        lease(std::move(arrival.lease)),
        link(std::move(arrival.link)),
        tasks(runs_on) {}

  net::carrier_socket& stream() noexcept { return link->stream(); }

  wire::carrier_number number;
  base::byte_count down_budget;
  std::shared_ptr<void> lease;
  std::unique_ptr<net::carrier_link> link;
  net::scope tasks;
  std::optional<base::byte_count> taken_by_peer;
  bool greeted = false;
  bool blocked = false;
  bool paused = false;
  bool closing = false;
};

}
