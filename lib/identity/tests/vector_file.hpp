#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline boost::json::object read_vectors(const std::string& name) {
  std::ifstream file(std::string(HTTVPS_SOURCE_DIR) + "/tests/vectors/" + name);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return boost::json::parse(text).as_object();
}

inline std::string text_of(const boost::json::value& value) {
  return std::string(value.as_string().c_str());
}

inline base::byte_vector bytes_of(const boost::json::value& hex) {
  return base::from_hex(text_of(hex)).value();
}

inline signing_key key_from_hex(const boost::json::value& seed) {
  return signing_key::from_seed(base::secret_bytes(bytes_of(seed))).value();
}

}
