#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "httvps/base/scope_exit.hpp"
#include "httvps/gateway/state/errc.hpp"

namespace httvps::gateway {
namespace {

base::result<std::size_t> private_size(int descriptor, std::size_t most) {
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return base::fail(state_errc::state_unreadable);
  }
  const bool is_shared = (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (is_shared || facts.st_uid != ::geteuid()) {
    return base::fail(state_errc::state_exposed);
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  return size <= most ? base::result<std::size_t>(size) : base::fail(state_errc::state_too_large);
}

base::result<std::size_t> read_some(int descriptor, base::byte_span room) {
  while (true) {
    const ssize_t got = ::read(descriptor, room.data(), room.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return base::fail(state_errc::state_unreadable);
    }
  }
}

}

base::result<base::byte_vector> read_private_file(const std::string& path, std::size_t most) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) {
    return base::fail(errno == ENOENT ? state_errc::state_missing : state_errc::state_unreadable);
  }
  const base::scope_exit closed([descriptor] { ::close(descriptor); });
  HTTVPS_TRY(const auto size, private_size(descriptor, most));
  base::byte_vector content(size);
  std::size_t filled = 0;
  while (filled < size) {
    HTTVPS_TRY(const auto got, read_some(descriptor, base::byte_span(content).subspan(filled)));
    if (got == 0) {
      break;
    }
    filled += got;
  }
  content.resize(filled);
  return content;
}

}
