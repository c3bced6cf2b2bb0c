#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tls_library.hpp"

namespace httvps::net {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, releaser<&EVP_PKEY_free>>;
using file_pointer = std::unique_ptr<BIO, releaser<&BIO_free_all>>;
using key_reader = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

int without_passphrase(char*, int, int, void*) {
  return -1;
}

key_pointer read_key(const std::string& path, key_reader read) {
  const file_pointer file(BIO_new_file(path.c_str(), "r"));
  key_pointer key(file ? read(file.get(), nullptr, &without_passphrase, nullptr) : nullptr);
  ERR_clear_error();
  return key;
}

base::result<spki_digest> digest_of(const EVP_PKEY& key) {
  spki_digest digest = {};
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(&key, &encoded);
  if (size <= 0) {
    return base::fail(errc::certificate_unreadable);
  }
  unsigned int length = 0;
  EVP_Digest(encoded, static_cast<std::size_t>(size), digest.data(), &length, EVP_sha256(),
             nullptr);
  OPENSSL_free(encoded);
  return digest;
}

}

base::result<spki_digest> spki_digest_of_key_file(const std::string& path) {
  for (const key_reader read : {&PEM_read_bio_PrivateKey, &PEM_read_bio_PUBKEY}) {
    if (const auto key = read_key(path, read)) {
      return digest_of(*key);
    }
  }
  return base::fail(errc::certificate_unreadable);
}

}
