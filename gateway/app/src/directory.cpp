#include "directory.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace httvps::gateway {
namespace {

constexpr std::uint64_t no_session = 0;

}

process_directory::process_directory(const net::executor& runs_on, directory_actions actions,
                                     session_roll& roll)
    : runs_on_(runs_on), actions_(std::move(actions)), roll_(roll) {}

net::task<std::uint64_t> process_directory::claim(session_claim wanted) {
  return net::asio::co_spawn(runs_on_, claim_here(std::move(wanted)), net::asio::use_awaitable);
}

net::task<std::uint64_t> process_directory::claim_here(session_claim wanted) {
  const auto device = sessions_.find(wanted.device_id);
  if (device != sessions_.end()) {
    const auto known = std::ranges::find(device->second, wanted.id, &held_session::id);
    if (known != device->second.end()) {
      co_return known->number;
    }
  }
  if (wanted.may_create == wire::creation::forbidden) {
    co_return base::fail(wire::errc::session_gone);
  }
  sessions_[wanted.device_id].push_back({.number = wanted.number, .id = wanted.id});
  roll_.open(wanted.number, {.session = session_digest(wanted.id), .device_id = wanted.device_id});
  co_return wanted.number;
}

net::task<> process_directory::settle(session_claim mine, std::size_t limit) {
  return net::asio::co_spawn(runs_on_, settle_here(std::move(mine), limit),
                             net::asio::use_awaitable);
}

net::task<> process_directory::settle_here(session_claim mine, std::size_t limit) {
  const auto found = sessions_.find(mine.device_id);
  const bool held_still =
      found != sessions_.end() &&
      std::ranges::find(found->second, mine.number, &held_session::number) != found->second.end();
  if (!held_still) {
    co_return base::fail(wire::errc::session_limit);
  }
  auto& held = found->second;
  while (held.size() > std::max<std::size_t>(limit, 1)) {
    end_one_but(held, mine.number);
  }
  co_return base::result<void>();
}

void process_directory::limit(std::string device_id, std::size_t most) {
  net::asio::post(runs_on_, [this, device = std::move(device_id), most] {
    const auto found = sessions_.find(device);
    while (found != sessions_.end() && found->second.size() > std::max<std::size_t>(most, 1)) {
      end_one_but(found->second, no_session);
    }
  });
}

void process_directory::end_one_but(std::vector<held_session>& held, std::uint64_t spared) {
  const auto may_end = [spared](const held_session& each) { return each.number != spared; };
  const auto detached = std::ranges::find_if(held, [&may_end](const held_session& each) {
    return may_end(each) && each.state == attachment_state::detached;
  });
  const auto chosen = detached != held.end() ? detached : std::ranges::find_if(held, may_end);
  actions_.end_session(chosen->number);
  held.erase(chosen);
}

void process_directory::note(std::string device_id, std::uint64_t number, attachment_state state) {
  net::asio::post(runs_on_, [this, device = std::move(device_id), number, state] {
    const auto found = sessions_.find(device);
    if (found == sessions_.end()) {
      return;
    }
    const auto session = std::ranges::find(found->second, number, &held_session::number);
    if (session != found->second.end()) {
      session->state = state;
    }
  });
}

void process_directory::release(std::string device_id, std::uint64_t number) {
  net::asio::post(runs_on_, [this, device = std::move(device_id), number] {
    roll_.close(number);
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

void process_directory::hand_over(std::uint64_t number, newcomer who) {
  actions_.hand_over(number, std::move(who));
}

}
