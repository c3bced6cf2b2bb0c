#include "httvps/identity/key_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "httvps/base/draft_file.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/private_file.hpp"
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

base::error refusal_of(const base::error& cause) {
  if (cause == base::exposed_file) {
    return errc::key_file_exposed;
  }
  const bool is_odd = cause == std::errc::invalid_argument || cause == std::errc::file_too_large;
  return is_odd ? base::error(errc::key_file_invalid) : failure_of(cause);
}

base::error last_failure() {
  return failure_of({errno, std::generic_category()});
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
  auto content = base::read_private_file(path, {.most = secret_file_limit});
  if (!content) {
    return base::fail(refusal_of(content.error()));
  }
  return content->empty() ? base::fail(errc::key_file_invalid) : std::move(content);
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
