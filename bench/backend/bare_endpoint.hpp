#pragma once

#include <sys/types.h>

#include <string>

namespace httvps::bench {

class bare_endpoint {
 public:
  bare_endpoint(const std::string& program, const std::string& database);
  bare_endpoint(const bare_endpoint&) = delete;
  bare_endpoint& operator=(const bare_endpoint&) = delete;
  ~bare_endpoint();

  const std::string& address() const noexcept { return address_; }
  pid_t process() const noexcept { return process_; }

 private:
  pid_t process_ = -1;
  std::string address_;
};

}
