#include "httvps/backend/storage/database_address.hpp"

#include "httvps/backend/storage/errc.hpp"
#include "postgresql_address.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite://";
constexpr std::string_view postgresql_schemes[] = {"postgres://", "postgresql://"};

bool is_postgresql(std::string_view dsn) noexcept {
  return dsn.starts_with(postgresql_schemes[0]) || dsn.starts_with(postgresql_schemes[1]);
}

}

bool database_address::holds_password() const noexcept {
  return connection_text_.reveal_text().find("password='") != std::string_view::npos;
}

base::result<database_address> database_address::parse(std::string_view dsn) {
  database_address made;
  if (is_postgresql(dsn)) {
    made.engine_ = engine_kind::postgresql;
    made.path_.clear();
    HTTVPS_TRY(made.connection_text_,
               postgresql_connection_text(base::secret_bytes::from_text(dsn)));
    return made;
  }
  if (!dsn.starts_with(sqlite_scheme) || dsn.size() == sqlite_scheme.size() ||
      dsn.find_first_of("?#\"") != std::string_view::npos) {
    return base::fail(errc::dsn_invalid);
  }
  made.path_ = dsn.substr(sqlite_scheme.size());
  return made;
}

}
