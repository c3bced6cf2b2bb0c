#include "ring_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "httvps/base/clock.hpp"

namespace httvps::backend::core {
namespace {

constexpr mode_t owner_only = 0600;
constexpr std::chrono::milliseconds pause{20};

}

base::result<ring_lock> ring_lock::take(const std::string& ring_path,
                                        std::chrono::milliseconds patience) {
  const auto path = ring_path + ".lock";
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
  if (descriptor < 0) {
    return base::fail(base::error(errno, std::generic_category()));
  }
  ring_lock taken(descriptor);
  const auto end = base::real_clock().steady_now() + patience;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return base::fail(base::error(errno, std::generic_category()));
    }
    if (base::real_clock().steady_now() >= end) {
      return base::fail(base::errc::limit_reached);
    }
    std::this_thread::sleep_for(pause);
  }
  return taken;
}

ring_lock::ring_lock(ring_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ring_lock::~ring_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}
