#include "directory.hpp"

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
  while (held.size() >= wanted.limit) {
    end_session_(held.front());
    held.erase(held.begin());
  }
  held.push_back(wanted.number);
  co_return base::result<void>();
}

void process_directory::release(std::string device_id, std::uint64_t number) {
  net::asio::post(runs_on_, [this, device = std::move(device_id), number] {
    const auto found = sessions_.find(device);
    if (found == sessions_.end()) {
      return;
    }
    std::erase(found->second, number);
    if (found->second.empty()) {
      sessions_.erase(found);
    }
  });
}

}
