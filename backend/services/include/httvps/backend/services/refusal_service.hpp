#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view refused_call_action = "call.refused";
inline constexpr std::string_view refused_login_action = "login.refused";
inline constexpr std::string_view audit_nobody = "nobody";

struct refused_call {
  std::string operation;
  std::string code;
};

struct refused_login {
  std::string name;
  std::string address;
  std::string request_id;
  std::string code;
};

class refusal_service {
 public:
  explicit refusal_service(const service_tools& tools) : tools_(tools) {}

  base::result<> note(const admin_actor& actor, const refused_call& refused);
  base::result<> note(const refused_login& refused);

 private:
  struct kind_count {
    std::optional<base::steady_time> written_at = {};
    std::uint64_t unwritten = 0;
  };
  struct minute_count {
    base::steady_time begun = {};
    std::uint64_t lines = 0;
  };

  std::optional<std::uint64_t> turn_of(const std::string& kind);
  bool take_line(base::steady_time now);
  void make_room(base::steady_time now);
  base::result<> write(const change_author& author, const admin_change& change) const;

  service_tools tools_;
  std::mutex mutex_;
  std::map<std::string, kind_count> kinds_;
  minute_count minute_ = {};
};

}
