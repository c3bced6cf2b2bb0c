#include "httvps/gateway/sessions/session_table.hpp"

namespace httvps::gateway {

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

void session_table::for_each(const std::function<void(hosted_session&)>& action) const {
  const auto copy = sessions_;
  for (const auto& [name, session] : copy) {
    action(*session);
  }
}

}
