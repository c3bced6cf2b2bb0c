#include "private_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "httvps/base/private_file.hpp"
#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

app_errc refusal_of(const base::error& cause) {
  if (cause == std::errc::no_such_file_or_directory) {
    return app_errc::file_missing;
  }
  return cause == base::exposed_file ? app_errc::file_exposed : app_errc::file_unreadable;
}

}

base::result<void> make_private_folder(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return base::fail(app_errc::file_not_written);
  }
  const auto checked = base::check_private_folder(path);
  if (checked) {
    return {};
  }
  return base::fail(checked.error() == base::exposed_file ? app_errc::file_exposed
                                                          : app_errc::file_not_written);
}

base::result<base::secret_bytes> read_private_file(const std::string& path, std::size_t limit) {
  auto content = base::read_private_file(path, {.most = limit});
  return content ? std::move(content) : base::fail(refusal_of(content.error()));
}

base::result<void> replace_private_file(const std::string& path,
                                        const base::secret_bytes& content) {
  const auto replaced = base::replace_private_file(path, content);
  return replaced ? replaced : base::fail(app_errc::file_not_written);
}

}
