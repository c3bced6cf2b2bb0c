#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::core {
namespace {

base::error last_failure() {
  switch (errno) {
    case EEXIST:
      return storage::errc::backup_file_exists;
    case ENOSPC:
    case EDQUOT:
      return services::errc::storage_full;
    default:
      return base::errc::io_failure;
  }
}

base::result<> write_all(int descriptor, base::byte_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return base::fail(last_failure());
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

base::result<> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) {
    return base::fail(last_failure());
  }
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced ? base::result<>() : base::fail(base::errc::io_failure);
}

}

struct backup_file_writer::state {
  state(std::string wanted, identity::stream_sealer made)
      : path(std::move(wanted)), draft(path + ".XXXXXX"), sealer(std::move(made)) {
    waiting.reserve(identity::sealed_part_content);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    base::wipe(waiting);
    if (descriptor >= 0) {
      ::close(descriptor);
      ::unlink(draft.c_str());
    }
  }

  base::result<> begin();
  base::result<> seal(identity::stream_place place);

  std::string path;
  std::string draft;
  identity::stream_sealer sealer;
  base::byte_vector waiting;
  int descriptor = -1;
};

base::result<> backup_file_writer::state::begin() {
  if (::access(path.c_str(), F_OK) == 0) {
    return base::fail(storage::errc::backup_file_exists);
  }
  descriptor = ::mkostemp(draft.data(), O_CLOEXEC);
  if (descriptor < 0 || ::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) {
    return base::fail(last_failure());
  }
  return write_all(descriptor, sealer.opening());
}

base::result<> backup_file_writer::state::seal(identity::stream_place place) {
  HTTVPS_TRY(const auto part, sealer.seal(waiting, place));
  base::wipe(waiting);
  waiting.clear();
  return write_all(descriptor, part);
}

backup_file_writer::backup_file_writer(std::unique_ptr<state> made) noexcept
    : state_(std::move(made)) {}
backup_file_writer::~backup_file_writer() = default;

base::result<std::unique_ptr<backup_file_writer>> backup_file_writer::create(
    const std::string& path, const identity::box_public_key& recipient,
    base::random_source& random) {
  HTTVPS_TRY(auto sealer, identity::stream_sealer::start(recipient, random));
  auto made = std::make_unique<state>(path, std::move(sealer));
  HTTVPS_CHECK(made->begin());
  return std::unique_ptr<backup_file_writer>(new backup_file_writer(std::move(made)));
}

base::result<> backup_file_writer::write(base::byte_view content) {
  while (!content.empty()) {
    if (state_->waiting.size() == identity::sealed_part_content) {
      HTTVPS_CHECK(state_->seal(identity::stream_place::more_follow));
    }
    const auto room = identity::sealed_part_content - state_->waiting.size();
    const auto taken = content.first(std::min(room, content.size()));
    base::append(state_->waiting, taken);
    content = content.subspan(taken.size());
  }
  return {};
}

base::result<> backup_file_writer::finish() {
  HTTVPS_CHECK(state_->seal(identity::stream_place::last));
  if (::fsync(state_->descriptor) != 0 ||
      ::link(state_->draft.c_str(), state_->path.c_str()) != 0) {
    return base::fail(last_failure());
  }
  return sync_folder_of(state_->path);
}

}
