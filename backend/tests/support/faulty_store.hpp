#pragma once

#include <atomic>
#include <functional>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/store.hpp"

namespace httvps::backend::test_support {

class faulty_store final : public services::store {
 public:
  explicit faulty_store(services::store& beneath) : beneath_(beneath) {}

  base::result<> read(const services::transaction& body) override { return beneath_.read(body); }
  base::result<> write(const services::transaction& body) override { return beneath_.write(body); }
  base::result<> note(const services::transaction& body) override { return beneath_.note(body); }
  base::result<> note_later(const services::transaction& body) override {
    ++notes;
    if (before) {
      before();
    }
    if (is_busy) {
      return base::fail(services::errc::storage_busy);
    }
    return beneath_.note_later(body);
  }
  std::uint64_t callers_revision() const noexcept override { return beneath_.callers_revision(); }
  std::uint32_t schema_version() const noexcept override { return beneath_.schema_version(); }

  std::atomic<int> notes = 0;
  std::atomic<bool> is_busy = false;
  std::function<void()> before;

 private:
  services::store& beneath_;
};

}
