#include "httvps/shadowsocks/cipher.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "openssl_handles.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr std::array<std::string_view, cipher_method_count> method_names{
    "chacha20-ietf-poly1305", "aes-128-gcm", "aes-256-gcm"};

constexpr std::size_t md5_size = 16;
constexpr std::size_t sha1_size = 20;
constexpr std::size_t sha1_block_size = 64;

constexpr char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, lower, lower);
}

class digester {
 public:
  explicit digester(const EVP_MD* digest) noexcept
      : digest_(digest), context_(EVP_MD_CTX_new()), healthy_(digest != nullptr && context_) {}

  void hash(std::span<const base::byte_view> parts, base::byte_span out) noexcept {
    healthy_ = healthy_ && EVP_DigestInit_ex2(context_.get(), digest_, nullptr) == 1;
    for (const auto part : parts) {
      healthy_ = healthy_ && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    }
    healthy_ = healthy_ && EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1;
  }

  bool healthy() const noexcept { return healthy_; }

 private:
  const EVP_MD* digest_;
  openssl_handle<EVP_MD_CTX> context_;
  bool healthy_;
};

const EVP_MD* md5() noexcept {
  static const openssl_handle<EVP_MD> digest(EVP_MD_fetch(nullptr, "MD5", nullptr));
  return digest.get();
}

const EVP_MD* sha1() noexcept {
  static const openssl_handle<EVP_MD> digest(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return digest.get();
}

using sha1_bytes = base::byte_array<sha1_size>;
using sha1_block = base::byte_array<sha1_block_size>;

sha1_block padded_key(base::byte_view key, std::uint8_t pad) noexcept {
  sha1_block block;
  block.fill(pad);
  for (std::size_t i = 0; i < key.size(); ++i) {
    block[i] ^= key[i];
  }
  return block;
}

sha1_bytes hmac_sha1(digester& with, base::byte_view key,
                     std::array<base::byte_view, 3> message) noexcept {
  auto inner_key = padded_key(key, 0x36);
  auto outer_key = padded_key(key, 0x5c);
  sha1_bytes inner;
  sha1_bytes outer;
  with.hash(std::array<base::byte_view, 4>{inner_key, message[0], message[1], message[2]}, inner);
  with.hash(std::array<base::byte_view, 2>{outer_key, inner}, outer);
  base::wipe(inner_key);
  base::wipe(outer_key);
  return outer;
}

bool derive_hkdf_sha1(base::byte_view key, base::byte_view with, base::byte_span out) noexcept {
  digester digest(sha1());
  auto extracted = hmac_sha1(digest, with, {key, {}, {}});
  sha1_bytes block;
  base::byte_view before;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    block = hmac_sha1(digest, extracted,
                      {before, base::as_bytes("ss-subkey"), base::byte_view(&counter, 1)});
    before = block;
    const auto part = std::min(out.size(), block.size());
    base::copy_bytes(out, before.first(part));
    out = out.subspan(part);
  }
  base::wipe(extracted);
  base::wipe(block);
  return digest.healthy();
}

}

std::string_view name_of(cipher_method method) noexcept {
  return method_names[static_cast<std::size_t>(method)];
}

base::result<cipher_method> method_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < method_names.size(); ++i) {
    if (equal_ignoring_case(name, method_names[i])) {
      return static_cast<cipher_method>(i);
    }
  }
  return base::fail(errc::unknown_method);
}

base::result<cipher_key> cipher_key::from_bytes(cipher_method method,
                                                base::byte_view bytes) noexcept {
  if (bytes.size() != key_size(method)) {
    return base::fail(base::errc::invalid_argument);
  }
  cipher_key key(method);
  base::copy_bytes(key.bytes_, bytes);
  return key;
}

base::result<salt> salt::from_bytes(cipher_method method, base::byte_view bytes) noexcept {
  if (bytes.size() != salt_size(method)) {
    return base::fail(errc::malformed_salt);
  }
  salt made;
  base::copy_bytes(made.bytes_, bytes);
  made.size_ = static_cast<std::uint8_t>(bytes.size());
  return made;
}

base::result<salt> make_salt(cipher_method method, base::byte_view prefix,
                             base::random_source& random) {
  if (prefix.size() > prefix_limit(method)) {
    return base::fail(errc::prefix_too_long);
  }
  base::byte_array<max_salt_size> bytes;
  const auto used = base::byte_span(bytes).first(salt_size(method));
  random.fill(used);
  base::copy_bytes(used, prefix);
  return salt::from_bytes(method, used);
}

base::result<cipher_key> derive_master_key(cipher_method method,
                                           const base::secret_bytes& password) noexcept {
  base::byte_array<max_key_size> bytes;
  digester digest(md5());
  base::byte_view before;
  for (std::size_t at = 0; at < max_key_size; at += md5_size) {
    const auto block = base::byte_span(bytes).subspan(at, md5_size);
    digest.hash(std::array{before, password.reveal()}, block);
    before = block;
  }
  if (!digest.healthy()) {
    return openssl_failure(errc::crypto_failure);
  }
  auto key = cipher_key::from_bytes(method, base::byte_view(bytes).first(key_size(method)));
  base::wipe(bytes);
  return key;
}

base::result<cipher_key> derive_session_key(const cipher_key& master, const salt& with) noexcept {
  if (with.view().size() != salt_size(master.method())) {
    return base::fail(errc::malformed_salt);
  }
  base::byte_array<max_key_size> bytes;
  const auto used = base::byte_span(bytes).first(key_size(master.method()));
  if (!derive_hkdf_sha1(master.reveal(), with.view(), used)) {
    return openssl_failure(errc::crypto_failure);
  }
  auto key = cipher_key::from_bytes(master.method(), used);
  base::wipe(bytes);
  return key;
}

}
