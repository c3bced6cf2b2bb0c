#pragma once

#include <string_view>

#include "connection.hpp"
#include "httvps/backend/services/epoch_repository.hpp"

namespace httvps::backend::storage {

class epoch_table final : public services::epoch_repository {
 public:
  explicit epoch_table(connection& database) noexcept : database_(database) {}
  base::result<> hold(const services::epoch_name& name, base::system_time now) override;
  base::result<bool> has_room(const services::epoch_name& name, std::uint64_t most) override;
  base::result<bool> is_closed(const services::epoch_name& name) override;
  base::result<std::vector<services::epoch_name>> finished(
      const services::epoch_filter& wanted) override;
  base::result<> close(const services::epoch_name& name, base::system_time now) override;
  base::result<std::vector<services::epoch_name>> closed_with_sessions(
      const services::epoch_filter& wanted) override;
  base::result<std::uint64_t> remove_sessions(const services::epoch_name& name,
                                              std::size_t most) override;
  base::result<std::vector<services::epoch_name>> with_ended_sessions(
      const services::epoch_filter& wanted) override;
  base::result<std::uint64_t> remove_ended(const services::epoch_name& name,
                                           const services::epoch_filter& wanted) override;
  base::result<services::session_numbers> pruned_among(
      const services::epoch_name& name, const services::session_numbers& numbers) override;
  base::result<std::vector<services::epoch_name>> closed_with_quarantine(
      const services::epoch_filter& wanted) override;
  base::result<std::uint64_t> remove_quarantine(const services::epoch_name& name,
                                                std::size_t most) override;

 private:
  struct numbered_rows {
    std::string_view select;
    std::vector<std::string_view> removals;
  };

  base::result<> lock(const services::epoch_name& name);
  base::result<std::vector<services::epoch_name>> select_epochs(const query& wanted);
  base::result<std::uint64_t> remove_first(const services::epoch_name& name, std::size_t most,
                                           const numbered_rows& wanted);

  connection& database_;
};

}
