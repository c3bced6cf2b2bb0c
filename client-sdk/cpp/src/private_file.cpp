#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "httvps/base/private_file.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

errc refusal_of(const base::error& cause) {
  if (cause == std::errc::no_such_file_or_directory) {
    return errc::not_enrolled;
  }
  if (cause == base::exposed_file) {
    return errc::state_exposed;
  }
  return cause == std::errc::file_too_large ? errc::state_damaged : errc::state_unreadable;
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
  const auto checked = base::check_private_folder(path);
  return checked ? checked : base::fail(refusal_of(checked.error()));
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
  auto content = base::read_private_file(path, {.most = limit});
  return content ? std::move(content) : base::fail(refusal_of(content.error()));
}

base::result<> replace_private_file(const std::string& path, const base::secret_bytes& content) {
  const auto replaced = base::replace_private_file(path, content);
  return replaced ? replaced : base::fail(errc::state_unwritable);
}

base::result<> rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return base::fail(errc::state_unwritable);
  }
  sync_folder_of(to);
  return {};
}

}
