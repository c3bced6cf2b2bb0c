#include "segment_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "httvps/base/failpoint.hpp"
#include "httvps/gateway/usage/errc.hpp"
#include "httvps/gateway/usage/failpoints.hpp"

namespace httvps::gateway {
namespace {

constexpr mode_t owner_only = 0600;

bool is_dropped(std::string_view point) {
  return base::reach_failpoint(point) == base::failpoint_outcome::drop;
}

}

base::error write_failure() noexcept {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  return full ? usage_errc::spool_disk_full : usage_errc::spool_unwritable;
}

base::result<segment_file> segment_file::create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, owner_only);
  if (descriptor < 0) {
    return base::fail(write_failure());
  }
  return segment_file(descriptor, 0);
}

base::result<segment_file> segment_file::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) {
    return base::fail(usage_errc::spool_unreadable);
  }
  struct stat facts{};
  segment_file opened(descriptor, 0);
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return base::fail(usage_errc::spool_unreadable);
  }
  opened.size_ = static_cast<base::byte_count>(facts.st_size);
  opened.synced_ = opened.size_;
  return opened;
}

segment_file::segment_file(segment_file&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      synced_(other.synced_) {}

segment_file& segment_file::operator=(segment_file&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  size_ = other.size_;
  synced_ = other.synced_;
  return *this;
}

segment_file::~segment_file() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

void segment_file::cut_to(base::byte_count size) noexcept {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) == 0) {
    size_ = size;
  }
}

base::result<> segment_file::append(base::byte_view bytes) {
  if (is_dropped(usage_failpoint::before_append)) {
    return base::fail(usage_errc::spool_unwritable);
  }
  const auto before = size_;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      const auto failure = write_failure();
      cut_to(before);
      return base::fail(failure);
    }
    size_ += static_cast<base::byte_count>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  static_cast<void>(base::reach_failpoint(usage_failpoint::after_append));
  return {};
}

base::result<> segment_file::sync() {
  if (synced_ == size_) {
    return {};
  }
  if (is_dropped(usage_failpoint::before_sync)) {
    return base::fail(usage_errc::spool_unwritable);
  }
  if (::fdatasync(descriptor_) != 0) {
    return base::fail(write_failure());
  }
  synced_ = size_;
  static_cast<void>(base::reach_failpoint(usage_failpoint::after_sync));
  return {};
}

void segment_file::forget_unsynced() noexcept {
  cut_to(synced_);
}

base::result<base::byte_vector> segment_file::read(base::byte_count offset,
                                                   std::size_t size) const {
  base::byte_vector content(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(descriptor_, content.data() + filled, size - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::fail(usage_errc::spool_unreadable);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

base::result<> sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return base::fail(usage_errc::spool_unwritable);
  }
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced ? base::result<>() : base::fail(usage_errc::spool_unwritable);
}

}
