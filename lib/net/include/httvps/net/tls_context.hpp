#pragma once

#include <memory>
#include <string>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

struct ssl_ctx_st;

namespace httvps::net {

using spki_digest = base::byte_array<32>;
using certificate_digest = base::byte_array<32>;

enum class tls_version { unknown, tls_1_2, tls_1_3 };

struct tls_server_options {
  std::string certificate_chain_file = {};
  std::string private_key_file = {};
  std::vector<std::string> alpn = {"http/1.1"};
};

struct tls_client_options {
  std::vector<spki_digest> pins = {};
  std::vector<certificate_digest> leaf_pins = {};
  std::string authority_file = {};
  tls_version newest = tls_version::tls_1_3;
  std::vector<std::string> alpn = {"http/1.1"};
};

class tls_context {
 public:
  static base::result<tls_context> make_server(const tls_server_options& chosen);
  static base::result<tls_context> make_client(const tls_client_options& chosen);

 private:
  friend class tls_engine;
  struct state;
  explicit tls_context(std::shared_ptr<const state> shared) : state_(std::move(shared)) {}

  std::shared_ptr<const state> state_;
};

base::result<spki_digest> spki_digest_of_certificate_file(const std::string& path);
base::result<spki_digest> spki_digest_of_key_file(const std::string& path);
base::result<certificate_digest> digest_of_certificate_file(const std::string& path);

}
