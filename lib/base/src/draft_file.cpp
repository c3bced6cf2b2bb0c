#include "httvps/base/draft_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "httvps/base/scope_exit.hpp"

namespace httvps::base {
namespace {

std::unexpected<error> last_failure() {
  return fail(error(errno, std::generic_category()));
}

result<> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) {
    return last_failure();
  }
  const scope_exit closed([descriptor] { ::close(descriptor); });
  return ::fsync(descriptor) == 0 ? result<>() : last_failure();
}

}

draft_file::draft_file(std::string path, std::string name, int descriptor) noexcept
    : path_(std::move(path)), name_(std::move(name)), descriptor_(descriptor) {}

draft_file::draft_file(draft_file&& other) noexcept
    : path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

draft_file::~draft_file() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    ::unlink(name_.c_str());
  }
}

result<draft_file> draft_file::create(std::string path) {
  auto name = path + ".XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return last_failure();
  }
  return draft_file(std::move(path), std::move(name), descriptor);
}

result<> draft_file::write(byte_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return last_failure();
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

result<> draft_file::publish() {
  if (::fsync(descriptor_) != 0 || ::link(name_.c_str(), path_.c_str()) != 0) {
    return last_failure();
  }
  return sync_folder_of(path_);
}

result<> draft_file::replace() {
  if (::fsync(descriptor_) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) {
    return last_failure();
  }
  ::close(std::exchange(descriptor_, -1));
  return sync_folder_of(path_);
}

}
