#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::shadowsocks::testing {

inline boost::json::object read_vectors(const std::string& name) {
  std::ifstream file(std::string(HTTVPS_SOURCE_DIR) + "/tests/vectors/" + name);
  if (!file) {
    throw std::runtime_error("missing vector file " + name);
  }
  std::stringstream text;
  text << file.rdbuf();
  return boost::json::parse(text.str()).as_object();
}

inline std::string text_of(const boost::json::value& entry, std::string_view field) {
  return std::string(entry.at(field).as_string());
}

inline base::byte_vector bytes_of(const boost::json::value& entry, std::string_view field) {
  return base::from_hex(text_of(entry, field)).value();
}

inline cipher_method method_of(const boost::json::value& entry) {
  return method_from_name(text_of(entry, "method")).value();
}

inline std::uint16_t port_of(const boost::json::value& entry) {
  return static_cast<std::uint16_t>(entry.at("port").to_number<int>());
}

}
