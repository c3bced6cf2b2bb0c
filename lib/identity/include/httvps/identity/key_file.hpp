#pragma once

#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::size_t secret_file_limit = 4096;

base::result<> store_secret_file(const std::string& path, const base::secret_bytes& content);
base::result<> replace_secret_file(const std::string& path, const base::secret_bytes& content);
base::result<base::secret_bytes> load_secret_file(const std::string& path);

base::result<> store_signing_key(const std::string& path, const signing_key& key);
base::result<signing_key> load_signing_key(const std::string& path);
base::result<signing_key> load_or_create_signing_key(const std::string& path,
                                                     base::random_source& random);

base::result<> store_box_key(const std::string& path, const box_key& key);
base::result<box_key> load_box_key(const std::string& path);
base::result<box_key> load_or_create_box_key(const std::string& path, base::random_source& random);

}
