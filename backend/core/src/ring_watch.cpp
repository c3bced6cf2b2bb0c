#include "ring_watch.hpp"

#include <sys/stat.h>

namespace httvps::backend::core {

ring_watch::ring_watch(const backend_settings& chosen, services::field_cipher cipher,
                       base::logger log)
    : chosen_(chosen), cipher_(std::move(cipher)), log_(std::move(log)) {}

std::optional<ring_watch::traits> ring_watch::traits_of_file() const {
  struct stat facts{};
  if (::stat(chosen_.key_ring_file.c_str(), &facts) != 0) {
    return std::nullopt;
  }
  return traits{static_cast<std::int64_t>(facts.st_ino), facts.st_size, facts.st_ctim.tv_sec,
                facts.st_ctim.tv_nsec};
}

void ring_watch::tell_refusal(const base::error& failure, const std::optional<traits>& file) {
  if (failure != refusal_ || file != refused_) {
    log_.error("ring_refused", {{"code", failure}});
  }
  refusal_ = failure;
  refused_ = file;
}

base::result<> ring_watch::look() {
  if (chosen_.key_ring_file.empty()) {
    return {};
  }
  const auto now = traits_of_file();
  if (now == seen_) {
    return {};
  }
  auto ring = load_key_ring(chosen_);
  if (!ring) {
    tell_refusal(ring.error(), now);
    return {};
  }
  seen_ = now;
  refusal_ = {};
  const auto before = cipher_.ring();
  if (ring->ids() != before->ids() || ring->active() != before->active()) {
    log_.info("ring_changed", {{"active", ring->active()}, {"count", ring->ids().size()}});
  }
  cipher_.replace(*std::move(ring));
  return {};
}

}
