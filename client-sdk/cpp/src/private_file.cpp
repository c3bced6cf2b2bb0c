#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "httvps/base/draft_file.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

base::result<> check_owner_only(const struct stat& facts) {
  const bool shared = (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  const bool foreign = facts.st_uid != ::geteuid() && facts.st_uid != 0;
  if (shared || foreign) {
    return base::fail(errc::state_exposed);
  }
  return {};
}

base::result<base::secret_bytes> read_up_to(int descriptor, std::size_t limit) {
  base::byte_vector content(limit + 1);
  const base::scope_exit wiped([&] { base::wipe(content); });
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(descriptor, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::fail(errc::state_unreadable);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  if (filled > limit) {
    return base::fail(errc::state_damaged);
  }
  return base::secret_bytes(base::byte_view(content).first(filled));
}

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

}

base::result<> check_private_folder(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    return base::fail(errno == ENOENT ? errc::not_enrolled : errc::state_unreadable);
  }
  if (!S_ISDIR(facts.st_mode)) {
    return base::fail(errc::state_unreadable);
  }
  return check_owner_only(facts);
}

base::result<> create_private_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failure);
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return base::fail(errc::state_unwritable);
  }
  return check_private_folder(path);
}

base::result<base::secret_bytes> read_private_file(const std::string& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return base::fail(errno == ENOENT ? errc::not_enrolled : errc::state_unreadable);
  }
  const base::scope_exit closed([&] { ::close(descriptor); });
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return base::fail(errc::state_unreadable);
  }
  HTTVPS_CHECK(check_owner_only(facts));
  return read_up_to(descriptor, limit);
}

base::result<> replace_private_file(const std::string& path, const base::secret_bytes& content) {
  auto draft = base::draft_file::create(path);
  if (!draft || !draft->write(content.reveal()) || !draft->replace()) {
    return base::fail(errc::state_unwritable);
  }
  return {};
}

base::result<> rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return base::fail(errc::state_unwritable);
  }
  sync_folder_of(to);
  return {};
}

}
