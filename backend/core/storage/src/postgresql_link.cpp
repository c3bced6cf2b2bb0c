#include <fmt/format.h>
#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>

#include "database_link.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto least_statement_limit = 10000ms;
constexpr auto idle_transaction_limit = 60000ms;

struct state_meaning {
  std::string_view prefix;
  services::errc cause;
  remedy advice = remedy::none;
};

constexpr state_meaning meanings[] = {
    {"23505", services::errc::already_exists},
    {"40001", services::errc::storage_busy, remedy::repeat},
    {"40P01", services::errc::storage_busy, remedy::repeat},
    {"53100", services::errc::storage_full},
    {"53", services::errc::storage_busy},
    {"55P03", services::errc::storage_busy},
    {"57P", services::errc::storage_busy, remedy::repeat},
    {"57", services::errc::storage_busy},
    {"08", services::errc::storage_busy},
    {"25006", services::errc::storage_busy},
};

verdict verdict_of(std::string_view sqlstate) {
  const auto* known = std::ranges::find_if(
      meanings, [&](const auto& meaning) { return sqlstate.starts_with(meaning.prefix); });
  if (known == std::end(meanings)) {
    return {.cause = services::errc::storage_failed};
  }
  return {.cause = known->cause, .advice = known->advice};
}

struct result_closer {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using result_owner = std::unique_ptr<PGresult, result_closer>;

class postgresql_factory final : public soci::backend_factory {
 public:
  soci::details::session_backend* make_session(
      const soci::connection_parameters& parameters) const override {
    return new soci::postgresql_session_backend(parameters, false);
  }
};

const postgresql_factory factory;

void forget_notice(void*, const PGresult*) {}

class postgresql_link final : public database_link {
 public:
  postgresql_link(const connection_options& chosen, soci::session& session)
      : chosen_(chosen), session_(session) {}

  verdict open() override;
  verdict run_script(const std::string& script) override;
  verdict judge(const std::exception& failure) override;
  standing now() noexcept override;

 private:
  PGconn* handle() const noexcept;
  std::string set_up() const;

  const connection_options& chosen_;
  soci::session& session_;
};

PGconn* postgresql_link::handle() const noexcept {
  auto* backend = session_.get_backend();
  return backend != nullptr ? static_cast<soci::postgresql_session_backend*>(backend)->conn_
                            : nullptr;
}

std::string postgresql_link::set_up() const {
  return fmt::format(
      "SET client_min_messages = error; SET standard_conforming_strings = on; SET jit = off;"
      "SET lock_timeout = {}; SET statement_timeout = {};"
      "SET idle_in_transaction_session_timeout = {};"
      "SELECT set_config('synchronous_commit', 'on', false)"
      " WHERE current_setting('synchronous_commit') = 'off';",
      chosen_.patience.count(), std::max(chosen_.patience, least_statement_limit).count(),
      idle_transaction_limit.count());
}

verdict postgresql_link::open() {
  try {
    session_.close();
    session_.open(soci::connection_parameters(
        factory, std::string(chosen_.address.connection_text().reveal_text())));
  } catch (const std::exception&) {
    return {.cause = errc::cannot_open};
  }
  PQsetErrorVerbosity(handle(), PQERRORS_SQLSTATE);
  PQsetNoticeReceiver(handle(), forget_notice, nullptr);
  return run_script(set_up()).cause ? verdict{.cause = errc::cannot_open} : verdict{};
}

verdict postgresql_link::run_script(const std::string& script) {
  const result_owner result(PQexec(handle(), script.c_str()));
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    return {};
  }
  if (now() == standing::lost) {
    return {.cause = services::errc::storage_busy, .advice = remedy::repeat};
  }
  const auto* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return verdict_of(sqlstate != nullptr ? sqlstate : "");
}

verdict postgresql_link::judge(const std::exception& failure) {
  if (now() == standing::lost) {
    return {.cause = services::errc::storage_busy, .advice = remedy::repeat};
  }
  const auto* known = dynamic_cast<const soci::postgresql_soci_error*>(&failure);
  return verdict_of(known != nullptr ? known->sqlstate() : std::string());
}

standing postgresql_link::now() noexcept {
  const auto* database = handle();
  if (database == nullptr || PQstatus(database) != CONNECTION_OK) {
    return standing::lost;
  }
  switch (PQtransactionStatus(database)) {
    case PQTRANS_IDLE:
      return standing::idle;
    case PQTRANS_INTRANS:
      return standing::open;
    case PQTRANS_INERROR:
      return standing::failed;
    default:
      return standing::lost;
  }
}

}

std::unique_ptr<database_link> make_postgresql_link(const connection_options& chosen,
                                                    soci::session& session) {
  return std::make_unique<postgresql_link>(chosen, session);
}

}
