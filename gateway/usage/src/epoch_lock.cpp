#include "epoch_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "httvps/gateway/usage/errc.hpp"
#include "segment_file.hpp"

namespace httvps::gateway {
namespace {

constexpr mode_t owner_only = 0600;

bool is_still_at(const std::string& path, int descriptor) {
  struct stat held{};
  struct stat named{};
  return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}

base::result<epoch_lock> epoch_lock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
  if (descriptor < 0) {
    return base::fail(write_failure());
  }
  epoch_lock taken(path, descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || !is_still_at(path, descriptor)) {
    return base::fail(usage_errc::spool_in_use);
  }
  return taken;
}

epoch_lock::epoch_lock(epoch_lock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

epoch_lock& epoch_lock::operator=(epoch_lock&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

epoch_lock::~epoch_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

void epoch_lock::remove() noexcept {
  if (descriptor_ >= 0) {
    ::unlink(path_.c_str());
  }
}

}
