#pragma once

#include <cstddef>
#include <vector>

#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t epoch_schema = 20;
inline constexpr std::uint32_t ended_session_schema = 22;

struct epoch_filter {
  base::system_time before;
  std::size_t most = 0;
};

class epoch_repository {
 public:
  virtual ~epoch_repository() = default;
  virtual base::result<> hold(const epoch_name& name, base::system_time now) = 0;
  virtual base::result<bool> has_room(const epoch_name& name, std::uint64_t most) = 0;
  virtual base::result<bool> is_closed(const epoch_name& name) = 0;
  virtual base::result<std::vector<epoch_name>> finished(const epoch_filter& wanted) = 0;
  virtual base::result<> close(const epoch_name& name, base::system_time now) = 0;
  virtual base::result<std::vector<epoch_name>> closed_with_sessions(
      const epoch_filter& wanted) = 0;
  virtual base::result<std::uint64_t> remove_sessions(const epoch_name& name, std::size_t most) = 0;
  virtual base::result<std::vector<epoch_name>> with_ended_sessions(const epoch_filter& wanted) = 0;
  virtual base::result<std::uint64_t> remove_ended(const epoch_name& name,
                                                   const epoch_filter& wanted) = 0;
  virtual base::result<session_numbers> pruned_among(const epoch_name& name,
                                                     const session_numbers& numbers) = 0;
  virtual base::result<std::vector<epoch_name>> closed_with_quarantine(
      const epoch_filter& wanted) = 0;
  virtual base::result<std::uint64_t> remove_quarantine(const epoch_name& name,
                                                        std::size_t most) = 0;
};

}
