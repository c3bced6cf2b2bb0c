#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/draft_file.hpp"
#include "sha256_stream.hpp"

namespace httvps::backend::core {
namespace {

base::error failure_of(const base::error& cause) {
  if (cause == std::errc::file_exists) {
    return storage::errc::backup_file_exists;
  }
  const bool is_full = cause == std::errc::no_space_on_device ||
                       cause == base::error(EDQUOT, std::generic_category());
  return is_full ? base::error(services::errc::storage_full) : base::error(base::errc::io_failure);
}

base::result<> named(const base::result<>& outcome) {
  return outcome ? outcome : base::fail(failure_of(outcome.error()));
}

}

struct backup_file_writer::state {
  state(base::draft_file begun, identity::stream_sealer made)
      : draft(std::move(begun)), sealer(std::move(made)) {
    waiting.reserve(identity::sealed_part_content);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { base::wipe(waiting); }

  base::result<> seal(identity::stream_place place);
  base::result<> put(base::byte_view bytes);

  base::draft_file draft;
  sha256_stream digest;
  identity::stream_sealer sealer;
  base::byte_vector waiting;
};

base::result<> backup_file_writer::state::seal(identity::stream_place place) {
  HTTVPS_TRY(const auto part, sealer.seal(waiting, place));
  base::wipe(waiting);
  waiting.clear();
  return put(part);
}

base::result<> backup_file_writer::state::put(base::byte_view bytes) {
  digest.add(bytes);
  return named(draft.write(bytes));
}

backup_file_writer::backup_file_writer(std::unique_ptr<state> made) noexcept
    : state_(std::move(made)) {}
backup_file_writer::~backup_file_writer() = default;

base::result<std::unique_ptr<backup_file_writer>> backup_file_writer::create(
    const std::string& path, const identity::box_public_key& recipient,
    base::random_source& random) {
  if (::access(path.c_str(), F_OK) == 0) {
    return base::fail(storage::errc::backup_file_exists);
  }
  HTTVPS_TRY(auto sealer, identity::stream_sealer::start(recipient, random));
  auto draft = base::draft_file::create(path);
  if (!draft) {
    return base::fail(failure_of(draft.error()));
  }
  auto made = std::make_unique<state>(std::move(*draft), std::move(sealer));
  HTTVPS_CHECK(made->put(made->sealer.opening()));
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

base::result<std::string> backup_file_writer::finish() {
  HTTVPS_CHECK(state_->seal(identity::stream_place::last));
  HTTVPS_CHECK(named(state_->draft.publish()));
  return state_->digest.finish();
}

}
