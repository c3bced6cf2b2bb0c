#pragma once

#include <exception>
#include <memory>
#include <string>
#include <system_error>

#include "connection.hpp"

namespace soci {
class session;
}

namespace httvps::backend::storage {

enum class standing { idle, open, failed, lost };

struct verdict {
  std::error_code cause = {};
  remedy advice = remedy::none;
};

class database_link {
 public:
  database_link() = default;
  database_link(const database_link&) = delete;
  database_link& operator=(const database_link&) = delete;
  virtual ~database_link() = default;

  virtual verdict open() = 0;
  virtual verdict run_script(const std::string& script) = 0;
  virtual verdict judge(const std::exception& failure) = 0;
  virtual standing now() noexcept = 0;
};

std::unique_ptr<database_link> make_sqlite_link(const connection_options& chosen,
                                                soci::session& session);
std::unique_ptr<database_link> make_postgresql_link(const connection_options& chosen,
                                                    soci::session& session);

}
