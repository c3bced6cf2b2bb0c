#include "test_certificate.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

#include "httvps/net/endpoint.hpp"

namespace httvps::net::testing {
namespace {

constexpr long valid_seconds = 24L * 60 * 60;

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using file_pointer = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void require(bool holds) {
  if (!holds) {
    throw std::runtime_error("making a test certificate failed");
  }
}

void add_subject_name(X509* certificate, const std::string& name) {
  const std::string kind = is_address(name) ? "IP:" : "DNS:";
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, (kind + name).c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

certificate_pointer self_signed(EVP_PKEY* key, const std::string& name) {
  certificate_pointer certificate(X509_new(), &X509_free);
  X509* raw = certificate.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -60);
  X509_gmtime_adj(X509_getm_notAfter(raw), valid_seconds);
  X509_set_pubkey(raw, key);
  X509_NAME* subject = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(raw, subject);
  add_subject_name(raw, name);
  require(X509_sign(raw, key, EVP_sha256()) > 0);
  return certificate;
}

file_pointer open_for_writing(const std::string& path) {
  file_pointer file(std::fopen(path.c_str(), "w"), &std::fclose);
  require(file != nullptr);
  return file;
}

tls_context value_of(base::result<tls_context> made) {
  require(made.has_value());
  return *made;
}

}

test_certificate::test_certificate(const std::string& name)
    : chain_file_(folder_.file("chain.pem")),
      key_file_(folder_.file("key.pem")),
      public_key_file_(folder_.file("public.pem")) {
  const key_pointer key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  require(key != nullptr);
  const auto certificate = self_signed(key.get(), name);
  const auto chain = open_for_writing(chain_file_);
  require(PEM_write_X509(chain.get(), certificate.get()) == 1);
  const auto secret = open_for_writing(key_file_);
  require(PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  const auto open = open_for_writing(public_key_file_);
  require(PEM_write_PUBKEY(open.get(), key.get()) == 1);
}

spki_digest test_certificate::pin() const {
  const auto digest = spki_digest_of_certificate_file(chain_file_);
  require(digest.has_value());
  return *digest;
}

tls_context test_certificate::server_context() const {
  return value_of(tls_context::make_server(
      {.certificate_chain_file = chain_file_, .private_key_file = key_file_}));
}

tls_context test_certificate::pinned_client_context() const {
  return value_of(tls_context::make_client({.pins = {pin()}}));
}

tls_context test_certificate::trusting_client_context() const {
  return value_of(tls_context::make_client({.authority_file = chain_file_}));
}

}
