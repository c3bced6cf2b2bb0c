#include "httvps/sdk/state_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>

#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "httvps/sdk/errc.hpp"
#include "json_text.hpp"
#include "private_file.hpp"

namespace httvps::sdk {
namespace {

namespace json = boost::json;

constexpr const char* key_file = "device.key";
constexpr const char* pending_key_file = "device.key.next";
constexpr const char* record_file = "enrolment.json";
constexpr const char* pending_record_file = "enrolment.json.next";
constexpr const char* budgets_file = "budgets";
constexpr std::int64_t record_format = 1;

base::error without_details(const base::error& failure, errc otherwise) {
  if (failure == identity::errc::key_file_missing) {
    return errc::not_enrolled;
  }
  if (failure == identity::errc::key_file_exposed) {
    return errc::state_exposed;
  }
  return failure.category() == identity::identity_errors() ? errc::state_damaged : otherwise;
}

base::result<identity::signing_key> with_own_errors(base::result<identity::signing_key> loaded,
                                                    errc otherwise) {
  if (!loaded) {
    return base::fail(without_details(loaded.error(), otherwise));
  }
  return loaded;
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

base::result<> remove_if_there(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return base::fail(errc::state_unwritable);
  }
  return {};
}

}

base::secret_bytes encode_record(const enrolment_record& record) {
  const json::object fields = {{"format", record_format},
                               {"root", record.root.to_base64url()},
                               {"key_set", record.key_set},
                               {"config", record.config},
                               {"token", record.token.reveal_text()},
                               {"device_id", record.device_id},
                               {"name", record.name},
                               {"policy", record.policy}};
  return base::secret_bytes::from_text(json::serialize(fields) + "\n");
}

base::result<enrolment_record> decode_record(const base::secret_bytes& content) {
  const auto fields = parse_object(content.reveal_text());
  if (!fields || number_in(*fields, "format") != record_format) {
    return base::fail(errc::state_damaged);
  }
  const auto root = identity::public_key::from_base64url(text_in(*fields, "root"));
  enrolment_record record{.root = root.value_or(identity::public_key{}),
                          .key_set = std::string(text_in(*fields, "key_set")),
                          .config = std::string(text_in(*fields, "config")),
                          .token = base::secret_bytes::from_text(text_in(*fields, "token")),
                          .device_id = std::string(text_in(*fields, "device_id")),
                          .name = std::string(text_in(*fields, "name")),
                          .policy = std::string(text_in(*fields, "policy"))};
  if (!root || record.key_set.empty() || record.config.empty() || record.token.empty()) {
    return base::fail(errc::state_damaged);
  }
  return record;
}

base::result<std::string> default_state_folder(const environment_reader& read) {
  const char* state_home = read("XDG_STATE_HOME");
  if (state_home != nullptr && state_home[0] == '/') {
    return std::string(state_home) + "/httvps";
  }
  const char* home = read("HOME");
  if (home != nullptr && home[0] == '/') {
    return std::string(home) + "/.local/state/httvps";
  }
  return base::fail(errc::state_folder_unknown);
}

base::result<state_store> state_store::open(std::string folder) {
  HTTVPS_CHECK(check_private_folder(folder));
  return opened(std::move(folder));
}

base::result<state_store> state_store::create(std::string folder) {
  HTTVPS_CHECK(create_private_folder(folder));
  return opened(std::move(folder));
}

base::result<state_store> state_store::opened(std::string folder) {
  state_store store(std::move(folder));
  const auto pending = store.path_of(pending_record_file);
  if (is_there(pending) && !is_there(store.path_of(pending_key_file))) {
    HTTVPS_CHECK(rename_durably(pending, store.path_of(record_file)));
  }
  return store;
}

bool state_store::has_record() const {
  return is_there(path_of(record_file));
}

base::result<enrolment_record> state_store::load_record() const {
  HTTVPS_TRY(const auto content, read_private_file(path_of(record_file), enrolment_record_limit));
  return decode_record(content);
}

base::result<> state_store::save_record(const enrolment_record& record) const {
  return replace_private_file(path_of(record_file), encode_record(record));
}

base::result<identity::signing_key> state_store::load_key() const {
  return with_own_errors(identity::load_signing_key(path_of(key_file)), errc::state_unreadable);
}

base::result<identity::signing_key> state_store::load_or_create_pending_key(
    base::random_source& random) const {
  return with_own_errors(identity::load_or_create_signing_key(path_of(pending_key_file), random),
                         errc::state_unwritable);
}

base::result<> state_store::adopt_pending(const enrolment_record& record) const {
  const auto pending = path_of(pending_record_file);
  HTTVPS_CHECK(replace_private_file(pending, encode_record(record)));
  HTTVPS_CHECK(rename_durably(path_of(pending_key_file), path_of(key_file)));
  return rename_durably(pending, path_of(record_file));
}

base::result<std::string> state_store::load_budgets() const {
  if (!is_there(path_of(budgets_file))) {
    return std::string();
  }
  HTTVPS_TRY(const auto content, read_private_file(path_of(budgets_file), budgets_text_limit));
  return std::string(content.reveal_text());
}

base::result<> state_store::save_budgets(const std::string& text) const {
  return replace_private_file(path_of(budgets_file), base::secret_bytes::from_text(text));
}

base::result<> state_store::drop_pending_key() const {
  HTTVPS_CHECK(remove_if_there(path_of(pending_record_file)));
  return remove_if_there(path_of(pending_key_file));
}

}
