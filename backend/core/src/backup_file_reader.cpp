#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/identity/errc.hpp"
#include "sha256_stream.hpp"

namespace httvps::backend::core {
namespace {

class owned_descriptor {
 public:
  explicit owned_descriptor(int number) noexcept : number_(number) {}
  owned_descriptor(const owned_descriptor&) = delete;
  owned_descriptor& operator=(const owned_descriptor&) = delete;
  ~owned_descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int number() const noexcept { return number_; }

 private:
  int number_;
};

base::result<std::size_t> read_full(int descriptor, base::byte_span room) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    const ssize_t got = ::read(descriptor, room.data() + filled, room.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::fail(base::errc::io_failure);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}

struct backup_file_reader::state {
  state(const std::string& path, const identity::box_key& chosen)
      : file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), key(chosen) {}

  base::result<> begin();
  base::result<std::size_t> fill(base::byte_span room);
  base::result<> next_part();
  base::result<> require_end();

  owned_descriptor file;
  const identity::box_key& key;
  std::optional<identity::stream_opener> opener;
  base::byte_vector sealed = base::byte_vector(identity::sealed_part_size);
  identity::opened_part part;
  std::size_t taken = 0;
  sha256_stream digest;
  std::string sha256;
};

base::result<std::size_t> backup_file_reader::state::fill(base::byte_span room) {
  HTTVPS_TRY(const auto count, read_full(file.number(), room));
  digest.add(base::byte_view(room).first(count));
  return count;
}

base::result<> backup_file_reader::state::begin() {
  if (file.number() < 0) {
    return base::fail(storage::errc::backup_file_missing);
  }
  base::byte_array<identity::sealed_stream_opening> opening{};
  HTTVPS_TRY(const auto count, fill(opening));
  if (count < opening.size()) {
    return base::fail(identity::errc::sealed_stream_cut);
  }
  HTTVPS_TRY(opener, identity::stream_opener::start(opening, key));
  return {};
}

base::result<> backup_file_reader::state::next_part() {
  HTTVPS_TRY(const auto count, fill(sealed));
  if (count == 0) {
    return base::fail(identity::errc::sealed_stream_cut);
  }
  HTTVPS_TRY(auto opened, opener->open(base::byte_view(sealed).first(count)));
  base::wipe(part.content);
  part = std::move(opened);
  taken = 0;
  return require_end();
}

base::result<> backup_file_reader::state::require_end() {
  if (part.place == identity::stream_place::more_follow) {
    return {};
  }
  base::byte_array<1> more{};
  HTTVPS_TRY(const auto count, fill(more));
  if (count != 0) {
    return base::fail(identity::errc::sealed_stream_invalid);
  }
  sha256 = digest.finish();
  return {};
}

backup_file_reader::backup_file_reader(std::unique_ptr<state> made) noexcept
    : state_(std::move(made)) {}
backup_file_reader::~backup_file_reader() = default;

base::result<std::unique_ptr<backup_file_reader>> backup_file_reader::open(
    const std::string& path, const identity::box_key& key) {
  auto made = std::make_unique<state>(path, key);
  HTTVPS_CHECK(made->begin());
  return std::unique_ptr<backup_file_reader>(new backup_file_reader(std::move(made)));
}

base::result<std::size_t> backup_file_reader::read(base::byte_span room) {
  while (state_->taken == state_->part.content.size()) {
    if (state_->part.place == identity::stream_place::last) {
      return 0;
    }
    HTTVPS_CHECK(state_->next_part());
  }
  const auto left = base::byte_view(state_->part.content).subspan(state_->taken);
  const auto given = left.first(std::min(left.size(), room.size()));
  base::copy_bytes(room, given);
  state_->taken += given.size();
  return given.size();
}

const std::string& backup_file_reader::sha256() const noexcept {
  return state_->sha256;
}

}
