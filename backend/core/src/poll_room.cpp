#include "poll_room.hpp"

#include <boost/asio/this_coro.hpp>

namespace httvps::backend::core {

poll_room::poll_room(std::size_t places, base::metric_registry& metrics)
    : places_(places),
      occupied_(metrics.add_gauge({.name = "httvps_backend_polls_waiting",
                                   .help = "Node agents and gateways that wait for a change."})),
      refused_(metrics.add_counter({.name = "httvps_backend_polls_refused_total",
                                    .help = "Long polls that found no place to wait."})) {}

net::asio::awaitable<poll_end> poll_room::wait(api::held_poll held) {
  const auto found = waiting_.find(held.who);
  if (found != waiting_.end()) {
    const auto former = found->second;
    former->left.notify();
    leave(former);
  }
  if (is_closed_ || waiting_.size() >= places_) {
    refused_.add();
    co_return poll_end::refused;
  }
  const auto until = net::deadline_after(held.patience);
  const auto mine =
      std::make_shared<place>(co_await net::asio::this_coro::executor, std::move(held));
  waiting_[mine->poll.who] = mine;
  occupied_.add(1);
  static_cast<void>(co_await mine->left.wait(until));
  leave(mine);
  co_return poll_end::released;
}

void poll_room::leave(const std::shared_ptr<place>& mine) {
  const auto found = waiting_.find(mine->poll.who);
  if (found != waiting_.end() && found->second == mine) {
    waiting_.erase(found);
    occupied_.add(-1);
  }
}

void poll_room::release(const std::vector<api::topic_revision>& revisions) {
  std::map<std::string_view, std::uint64_t> newest;
  for (const auto& each : revisions) {
    newest[each.topic] = each.revision;
  }
  for (const auto& [who, place] : waiting_) {
    const auto found = newest.find(place->poll.topic);
    if (found != newest.end() && found->second != place->poll.revision) {
      place->left.notify();
    }
  }
}

void poll_room::close() {
  is_closed_ = true;
  for (const auto& [who, place] : waiting_) {
    place->left.notify();
  }
}

}
