#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::sdk {

inline constexpr std::size_t enrolment_record_limit = 256 * 1024;
inline constexpr std::size_t budgets_text_limit = 16 * 1024;

struct enrolment_record {
  identity::public_key root;
  std::string key_set;
  std::string config;
  base::secret_bytes token;
  std::string device_id;
  std::string name;
  std::string policy = {};

  bool operator==(const enrolment_record&) const = default;
};

base::secret_bytes encode_record(const enrolment_record& record);
base::result<enrolment_record> decode_record(const base::secret_bytes& content);

using environment_reader = std::function<const char*(const char*)>;

base::result<std::string> default_state_folder(const environment_reader& read);

class state_store {
 public:
  static base::result<state_store> open(std::string folder);
  static base::result<state_store> create(std::string folder);

  const std::string& folder() const noexcept { return folder_; }

  bool has_record() const;
  base::result<enrolment_record> load_record() const;
  base::result<> save_record(const enrolment_record& record) const;

  base::result<identity::signing_key> load_key() const;
  base::result<identity::signing_key> load_or_create_pending_key(base::random_source& random) const;
  base::result<> adopt_pending(const enrolment_record& record) const;
  base::result<> drop_pending_key() const;

  base::result<std::string> load_budgets() const;
  base::result<> save_budgets(const std::string& text) const;

 private:
  static base::result<state_store> opened(std::string folder);

  explicit state_store(std::string folder) : folder_(std::move(folder)) {}
  std::string path_of(const char* file) const { return folder_ + "/" + file; }

  std::string folder_;
};

}
