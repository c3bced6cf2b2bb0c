#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "httvps/backend/storage/byte_stream.hpp"

namespace httvps::backend::test_support {

class memory_sink final : public storage::byte_sink {
 public:
  base::result<> write(base::byte_view bytes) override {
    content.append(base::as_text(bytes));
    if (on_write) {
      on_write(content.size());
    }
    return {};
  }

  std::string content;
  std::function<void(std::size_t)> on_write;
};

class memory_source final : public storage::byte_source {
 public:
  explicit memory_source(std::string content) : content_(std::move(content)) {}

  base::result<std::size_t> read(base::byte_span room) override {
    const auto count = std::min(room.size(), content_.size() - taken_);
    base::copy_bytes(room, base::as_bytes(std::string_view(content_).substr(taken_, count)));
    taken_ += count;
    return count;
  }

 private:
  std::string content_;
  std::size_t taken_ = 0;
};

}
