#pragma once

#include <memory>
#include <string>

#include "httvps/backend/core/settings.hpp"
#include "httvps/base/log.hpp"

namespace httvps::backend::core {

class application {
 public:
  static base::result<std::unique_ptr<application>> prepare(const backend_settings& chosen,
                                                            base::logger log);
  application(const application&) = delete;
  application& operator=(const application&) = delete;
  ~application();

  base::result<> serve();
  const std::string& openapi() const noexcept;

 private:
  struct state;
  explicit application(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
