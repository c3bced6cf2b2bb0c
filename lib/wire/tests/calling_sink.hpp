#pragma once

#include <functional>

#include "httvps/wire/session.hpp"

namespace httvps::wire {

class calling_sink final : public data_sink {
 public:
  explicit calling_sink(std::function<std::size_t(stream_id, byte_view)> call)
      : call_(std::move(call)) {}
  void on_datagram(const datagram_frame&) override {}
  std::size_t on_data(stream_id stream, byte_view payload) override {
    return call_(stream, payload);
  }

 private:
  std::function<std::size_t(stream_id, byte_view)> call_;
};

}
