#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "httvps/gateway/sessions/hosted_session.hpp"

namespace httvps::gateway {

class session_table {
 public:
  enum class outcome { added, known };

  outcome add(const std::shared_ptr<hosted_session>& session);
  void remove(const hosted_session& session);
  std::shared_ptr<hosted_session> find(const std::string& device_id,
                                       const wire::session_id& id) const;
  std::size_t size() const noexcept { return sessions_.size(); }
  void clear() noexcept { sessions_.clear(); }
  void for_each(const std::function<void(hosted_session&)>& action) const;

 private:
  using key = std::pair<std::string, wire::session_id>;
  std::map<key, std::shared_ptr<hosted_session>> sessions_;
};

}
