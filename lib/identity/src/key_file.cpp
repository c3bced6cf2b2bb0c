#include "httvps/identity/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "httvps/base/draft_file.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr std::string_view signing_key_label = "httvps-ed25519 ";
constexpr std::string_view box_key_label = "httvps-x25519 ";

base::error failure_of(const base::error& cause) {
  if (cause == std::errc::no_such_file_or_directory) {
    return errc::key_file_missing;
  }
  return cause == std::errc::file_exists ? base::error(errc::key_file_exists) : cause;
}

base::error last_failure() {
  return failure_of({errno, std::generic_category()});
}

base::result<> check_private(int descriptor) {
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) {
    return base::fail(last_failure());
  }
  if (!S_ISREG(facts.st_mode)) {
    return base::fail(errc::key_file_invalid);
  }
  const bool shared = (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  const bool foreign = facts.st_uid != ::geteuid() && facts.st_uid != 0;
  if (shared || foreign) {
    return base::fail(errc::key_file_exposed);
  }
  return {};
}

base::result<base::secret_bytes> read_bounded(int descriptor) {
  base::byte_vector content(secret_file_limit + 1);
  const base::scope_exit wiped([&] { base::wipe(content); });
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(descriptor, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::fail(last_failure());
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  if (filled == 0 || filled > secret_file_limit) {
    return base::fail(errc::key_file_invalid);
  }
  return base::secret_bytes(base::byte_view(content).first(filled));
}

int keep_owner(const std::string& path, const char* draft) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    return errno == ENOENT ? 0 : -1;
  }
  return ::chown(draft, facts.st_uid, facts.st_gid);
}

base::result<> named(const base::result<>& outcome) {
  return outcome ? outcome : base::fail(failure_of(outcome.error()));
}

base::result<base::draft_file> draft_of(const std::string& path,
                                        const base::secret_bytes& content) {
  if (content.empty() || content.size() > secret_file_limit) {
    return base::fail(errc::key_file_invalid);
  }
  auto draft = base::draft_file::create(path);
  if (!draft) {
    return base::fail(failure_of(draft.error()));
  }
  HTTVPS_CHECK(named(draft->write(content.reveal())));
  return draft;
}

base::secret_bytes to_key_line(std::string_view label, const base::secret_bytes& key) {
  std::string line(label);
  line += base::to_base64url(key.reveal());
  line += '\n';
  return base::take_text(line);
}

base::result<base::secret_bytes> from_key_line(std::string_view label,
                                               const base::secret_bytes& content) {
  auto line = content.reveal_text();
  while (line.ends_with('\n') || line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (!line.starts_with(label)) {
    return base::fail(errc::key_file_invalid);
  }
  auto key = base::from_base64url(line.substr(label.size()));
  if (!key || key->size() != key_size) {
    return base::fail(errc::key_file_invalid);
  }
  return base::secret_bytes(std::move(*key));
}

template <typename Key>
base::result<Key> create_unless_present(const std::string& path, base::random_source& random,
                                        base::result<Key> (*load)(const std::string&),
                                        base::result<> (*store)(const std::string&, const Key&)) {
  auto present = load(path);
  if (present || present.error() != errc::key_file_missing) {
    return present;
  }
  auto created = Key::generate(random);
  if (const auto stored = store(path, created); !stored) {
    return stored.error() == errc::key_file_exists ? load(path) : base::fail(stored.error());
  }
  return created;
}

}

base::result<> store_secret_file(const std::string& path, const base::secret_bytes& content) {
  HTTVPS_TRY(auto draft, draft_of(path, content));
  return named(draft.publish());
}

base::result<> replace_secret_file(const std::string& path, const base::secret_bytes& content) {
  HTTVPS_TRY(auto draft, draft_of(path, content));
  if (keep_owner(path, draft.name().c_str()) != 0) {
    return base::fail(last_failure());
  }
  return named(draft.replace());
}

base::result<base::secret_bytes> load_secret_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return base::fail(last_failure());
  }
  const base::scope_exit closed([&] { ::close(descriptor); });
  HTTVPS_CHECK(check_private(descriptor));
  return read_bounded(descriptor);
}

base::result<> store_signing_key(const std::string& path, const signing_key& key) {
  return store_secret_file(path, to_key_line(signing_key_label, key.seed()));
}

base::result<signing_key> load_signing_key(const std::string& path) {
  HTTVPS_TRY(const auto content, load_secret_file(path));
  HTTVPS_TRY(const auto seed, from_key_line(signing_key_label, content));
  return signing_key::from_seed(seed);
}

base::result<signing_key> load_or_create_signing_key(const std::string& path,
                                                     base::random_source& random) {
  return create_unless_present<signing_key>(path, random, load_signing_key, store_signing_key);
}

base::result<> store_box_key(const std::string& path, const box_key& key) {
  return store_secret_file(path, to_key_line(box_key_label, key.secret()));
}

base::result<box_key> load_box_key(const std::string& path) {
  HTTVPS_TRY(const auto content, load_secret_file(path));
  HTTVPS_TRY(auto secret, from_key_line(box_key_label, content));
  return box_key::from_secret(std::move(secret));
}

base::result<box_key> load_or_create_box_key(const std::string& path, base::random_source& random) {
  return create_unless_present<box_key>(path, random, load_box_key, store_box_key);
}

}
