#include "httvps/base/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "httvps/base/draft_file.hpp"
#include "httvps/base/scope_exit.hpp"

namespace httvps::base {
namespace {

std::unexpected<error> failure(std::errc code) {
  return fail(std::make_error_code(code));
}

std::unexpected<error> last_failure() {
  return failure(static_cast<std::errc>(errno));
}

result<> check_owner(const struct stat& facts, file_origin origin) {
  const bool is_shared = (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  const bool is_of_root = facts.st_uid == 0 && origin == file_origin::operator_or_program;
  if (is_shared || (facts.st_uid != ::geteuid() && !is_of_root)) {
    return failure(exposed_file);
  }
  return {};
}

result<std::size_t> size_of(int descriptor, const private_file_rules& rules) {
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) {
    return last_failure();
  }
  if (!S_ISREG(facts.st_mode)) {
    return failure(std::errc::invalid_argument);
  }
  HTTVPS_CHECK(check_owner(facts, rules.origin));
  const auto size = static_cast<std::size_t>(facts.st_size);
  return size <= rules.most ? result<std::size_t>(size) : failure(std::errc::file_too_large);
}

result<std::size_t> read_some(int descriptor, byte_span room) {
  while (true) {
    const ssize_t got = ::read(descriptor, room.data(), room.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return last_failure();
    }
  }
}

result<secret_bytes> read_whole(int descriptor, std::size_t size) {
  byte_vector content(size);
  scope_exit wiped([&content] { wipe(content); });
  std::size_t filled = 0;
  while (filled < size) {
    HTTVPS_TRY(const auto got, read_some(descriptor, byte_span(content).subspan(filled)));
    if (got == 0) {
      return failure(std::errc::io_error);
    }
    filled += got;
  }
  wiped.release();
  return secret_bytes(std::move(content));
}

}

result<secret_bytes> read_private_file(const std::string& path, const private_file_rules& rules) {
  const int of_links = rules.origin == file_origin::this_program ? O_NOFOLLOW : 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | of_links);
  if (descriptor < 0) {
    return last_failure();
  }
  const scope_exit closed([descriptor] { ::close(descriptor); });
  HTTVPS_TRY(const auto size, size_of(descriptor, rules));
  return read_whole(descriptor, size);
}

result<> replace_private_file(const std::string& path, const secret_bytes& content) {
  HTTVPS_TRY(auto draft, draft_file::create(path));
  HTTVPS_CHECK(draft.write(content.reveal()));
  return draft.replace();
}

result<> check_private_folder(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    return last_failure();
  }
  return S_ISDIR(facts.st_mode) ? check_owner(facts, file_origin::operator_or_program)
                                : failure(std::errc::not_a_directory);
}

}
