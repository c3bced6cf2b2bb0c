#pragma once

#include "connection.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::storage {

class journal_table final : public services::usage_journal {
 public:
  explicit journal_table(connection& database) noexcept : database_(database) {}
  base::result<std::optional<models::usage_batch>> find(const services::batch_name& name) override;
  base::result<> insert(const models::usage_batch& batch) override;
  base::result<> save_quarantined(const services::batch_name& name, std::uint32_t rows) override;
  base::result<std::uint64_t> acked_through(const services::epoch_name& epoch) override;
  base::result<> save_acked(const services::epoch_name& epoch,
                            std::uint64_t acked_through) override;
  base::result<std::vector<std::uint64_t>> later(const services::epoch_name& epoch,
                                                 const services::later_batches& wanted) override;

 private:
  connection& database_;
};

class usage_session_table final : public services::usage_session_repository {
 public:
  explicit usage_session_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<models::metered_session>> find(
      const services::epoch_name& epoch, const services::metered_query& wanted) override;
  base::result<> insert(const std::vector<models::usage_session>& sessions) override;
  base::result<> end(const std::vector<models::usage_session>& sessions,
                     base::system_time now) override;

 private:
  connection& database_;
};

class session_traffic_table final : public services::session_traffic_repository {
 public:
  explicit session_traffic_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<models::session_traffic>> find(
      const services::epoch_name& epoch, const services::session_numbers& numbers) override;
  base::result<> save(const services::epoch_name& epoch,
                      const std::vector<services::counted_path>& counted) override;

 private:
  connection& database_;
};

class quarantine_table final : public services::quarantine_repository {
 public:
  explicit quarantine_table(connection& database) noexcept : database_(database) {}
  base::result<> raise(const models::session_traffic& unattributed) override;
  base::result<std::vector<models::session_traffic>> find(
      const services::epoch_name& epoch, const services::session_numbers& numbers) override;
  base::result<> remove(const models::session_key& session) override;
  base::result<models::traffic> total() override;
  base::result<bool> holds_at_least(const models::gateway_id& gateway, std::uint64_t rows) override;
  base::result<models::page<models::session_traffic>> list(
      const std::optional<models::gateway_id>& gateway,
      const models::page_request& wanted) override;

 private:
  connection& database_;
};

class ledger_table final : public services::usage_ledger {
 public:
  explicit ledger_table(connection& database) noexcept : database_(database) {}
  base::result<models::period_use> used(const services::period_name& period) override;
  base::result<models::traffic> total(const services::usage_filter& filter) override;
  base::result<models::page<models::usage_row>> list(const services::usage_filter& filter,
                                                     const models::page_request& wanted) override;

 private:
  connection& database_;
};

}
