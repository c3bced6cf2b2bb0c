#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "httvps/base/draft_file.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

base::result<void> check_owner_only(const struct stat& facts) {
  const bool shared = (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  const bool foreign = facts.st_uid != ::geteuid() && facts.st_uid != 0;
  if (shared || foreign) {
    return base::fail(app_errc::file_exposed);
  }
  return {};
}

base::result<base::secret_bytes> read_up_to(int descriptor, std::size_t limit) {
  base::byte_vector content;
  const base::scope_exit wiped([&content] { base::wipe(content); });
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode) ||
      static_cast<std::size_t>(facts.st_size) > limit) {
    return base::fail(app_errc::file_unreadable);
  }
  HTTVPS_CHECK(check_owner_only(facts));
  content.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(descriptor, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return base::fail(app_errc::file_unreadable);
    }
    filled += static_cast<std::size_t>(got);
  }
  return base::secret_bytes(base::byte_view(content));
}

}

base::result<void> make_private_folder(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  struct stat facts{};
  if ((::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) ||
      ::stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return base::fail(app_errc::file_not_written);
  }
  return check_owner_only(facts);
}

base::result<base::secret_bytes> read_private_file(const std::string& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return base::fail(errno == ENOENT ? app_errc::file_missing : app_errc::file_unreadable);
  }
  const base::scope_exit closed([descriptor] { ::close(descriptor); });
  return read_up_to(descriptor, limit);
}

base::result<void> replace_private_file(const std::string& path,
                                        const base::secret_bytes& content) {
  auto draft = base::draft_file::create(path);
  if (!draft || !draft->write(content.reveal()) || !draft->replace()) {
    return base::fail(app_errc::file_not_written);
  }
  return {};
}

}
