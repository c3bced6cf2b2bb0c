#pragma once

#include <string>

#include "httvps/net/tls_context.hpp"
#include "temporary_folder.hpp"

namespace httvps::net::testing {

class test_certificate {
 public:
  explicit test_certificate(const std::string& name);
  test_certificate(const test_certificate&) = delete;
  test_certificate& operator=(const test_certificate&) = delete;

  const std::string& chain_file() const noexcept { return chain_file_; }
  const std::string& key_file() const noexcept { return key_file_; }
  const std::string& public_key_file() const noexcept { return public_key_file_; }
  spki_digest pin() const;
  tls_context server_context() const;
  tls_context pinned_client_context() const;
  tls_context trusting_client_context() const;

 private:
  temporary_folder folder_;
  std::string chain_file_;
  std::string key_file_;
  std::string public_key_file_;
};

}
