#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::string_view device_proof_scheme = "HTTVPS-Device";
inline constexpr std::chrono::seconds device_proof_skew = std::chrono::minutes(2);

struct request_to_prove {
  std::string_view method;
  std::string_view path;
  base::byte_view body;
};

struct device_proof {
  std::string token;
  base::system_time made_at;
  signature proof{};
};

struct device_credentials {
  std::string_view token;
  const signing_key& device;
  base::system_time now;
};

struct device_proof_check {
  document_check document;
  std::chrono::seconds max_skew = device_proof_skew;
};

base::result<std::string> build_device_proof(const request_to_prove& request,
                                             const device_credentials& credentials);
base::result<device_proof> parse_device_proof(std::string_view header_value);
base::result<verified_access> verify_device_proof(std::string_view header_value,
                                                  const request_to_prove& request,
                                                  const device_proof_check& check);

}
