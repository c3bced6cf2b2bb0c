#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

namespace httvps::bench {

struct measured;

class cpu_meter {
 public:
  explicit cpu_meter(pid_t server) noexcept : server_(server) {}

  void start() { started_ = read(); }
  void stop(std::size_t requests);
  void add_to(measured& into, std::string_view name) const;

 private:
  struct reading {
    double server = 0;
    double database = 0;
    double generator = 0;
  };
  reading read() const;

  pid_t server_;
  reading started_;
  reading used_;
  std::size_t requests_ = 0;
};

}
