#include "folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

#include "httvps/gateway/state/errc.hpp"

namespace httvps::gateway {

base::result<folder_lock> folder_lock::take(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) {
    return base::fail(state_errc::state_unwritable);
  }
  folder_lock taken(descriptor);
  if (::flock(descriptor, LOCK_EX) != 0) {
    return base::fail(state_errc::state_unwritable);
  }
  return taken;
}

folder_lock::folder_lock(folder_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

folder_lock::~folder_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}
