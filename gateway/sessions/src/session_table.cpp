#include "httvps/gateway/sessions/session_table.hpp"

#include <algorithm>
#include <ranges>

namespace httvps::gateway {
namespace {

auto of_device(const auto& sessions, const std::string& device_id) {
  const auto first = sessions.lower_bound({device_id, wire::session_id{}});
  const auto last = std::find_if(first, sessions.end(), [&device_id](const auto& entry) {
    return entry.first.first != device_id;
  });
  return std::ranges::subrange(first, last);
}

}

session_table::outcome session_table::add(const std::shared_ptr<hosted_session>& session) {
  const auto& terms = session->terms();
  const bool fresh = sessions_.try_emplace({terms.device_id, terms.id}, session).second;
  return fresh ? outcome::added : outcome::known;
}

void session_table::remove(const hosted_session& session) {
  const auto found = sessions_.find({session.terms().device_id, session.terms().id});
  if (found != sessions_.end() && found->second.get() == &session) {
    sessions_.erase(found);
  }
}

std::shared_ptr<hosted_session> session_table::find(const std::string& device_id,
                                                    const wire::session_id& id) const {
  const auto found = sessions_.find({device_id, id});
  return found == sessions_.end() ? nullptr : found->second;
}

std::shared_ptr<hosted_session> session_table::oldest_of(const std::string& device_id) const {
  const auto range = of_device(sessions_, device_id);
  const auto oldest = std::ranges::min_element(
      range, {}, [](const auto& entry) { return entry.second->terms().number; });
  return oldest == range.end() ? nullptr : oldest->second;
}

std::size_t session_table::count_of(const std::string& device_id) const {
  return static_cast<std::size_t>(std::ranges::distance(of_device(sessions_, device_id)));
}

void session_table::for_each(const std::function<void(hosted_session&)>& action) const {
  const auto copy = sessions_;
  for (const auto& [name, session] : copy) {
    action(*session);
  }
}

}
