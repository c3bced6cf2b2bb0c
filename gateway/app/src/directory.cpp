#include "directory.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace httvps::gateway {

process_directory::process_directory(const net::executor& runs_on, ender end_session)
    : runs_on_(runs_on), end_session_(std::move(end_session)) {}

net::task<> process_directory::claim(session_claim wanted) {
  return net::asio::co_spawn(runs_on_, claim_here(std::move(wanted)), net::asio::use_awaitable);
}

net::task<> process_directory::claim_here(session_claim wanted) {
  auto& held = sessions_[wanted.device_id];
  if (std::ranges::find(held, wanted.id, &held_session::id) != held.end()) {
    co_return base::fail(wire::errc::carrier_limit);
  }
  while (held.size() >= wanted.limit) {
    end_session_(held.front().number);
    held.erase(held.begin());
  }
  held.push_back({.number = wanted.number, .id = wanted.id});
  co_return base::result<void>();
}

void process_directory::release(std::string device_id, std::uint64_t number) {
  net::asio::post(runs_on_, [this, device = std::move(device_id), number] {
    const auto found = sessions_.find(device);
    if (found == sessions_.end()) {
      return;
    }
    std::erase_if(found->second,
                  [number](const held_session& each) { return each.number == number; });
    if (found->second.empty()) {
      sessions_.erase(found);
    }
  });
}

}
