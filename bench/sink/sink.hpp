#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "common/descriptor.hpp"
#include "common/event_loop.hpp"
#include "sink/upload.hpp"

namespace httvps::bench {

class sink {
 public:
  explicit sink(descriptor listener);

  void run();

 private:
  void accept_all();
  void step(int socket);

  descriptor listener_;
  event_loop loop_;
  std::unordered_map<int, std::unique_ptr<upload>> uploads_;
};

}
