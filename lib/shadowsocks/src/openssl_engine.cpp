#include <array>

#include "httvps/shadowsocks/aead.hpp"
#include "openssl_handles.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr std::size_t contexts_per_method = 16;

enum class direction : int { opening = 0, sealing = 1 };

using nonce = base::byte_array<nonce_size>;

nonce nonce_of(std::uint64_t counter) noexcept {
  nonce bytes{};
  for (std::size_t i = 0; i < sizeof counter; ++i) {
    bytes[i] = static_cast<std::uint8_t>(counter >> (8 * i));
  }
  return bytes;
}

class keyed_context {
 public:
  EVP_CIPHER_CTX* prepare(aead_position at, direction way) noexcept {
    const auto iv = nonce_of(at.counter);
    const bool ready = is_for(at.key, way) ? rewind(iv) : rekey(at.key, iv, way);
    if (!ready) {
      holds_key_ = false;
      return nullptr;
    }
    return context_.get();
  }

  ~keyed_context() { base::wipe(key_); }

 private:
  bool is_for(const cipher_key& key, direction way) const noexcept {
    return holds_key_ && way_ == way &&
           base::equal_in_constant_time(base::byte_view(key_).first(key.reveal().size()),
                                        key.reveal());
  }

  bool rewind(const nonce& iv) noexcept {
    return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, iv.data(), static_cast<int>(way_),
                              nullptr) == 1;
  }

  bool rekey(const cipher_key& key, const nonce& iv, direction way) noexcept {
    const EVP_CIPHER* cipher = nullptr;
    if (!context_) {
      context_.reset(EVP_CIPHER_CTX_new());
      cipher = fetched_cipher(key.method());
    }
    if (!context_ || EVP_CipherInit_ex2(context_.get(), cipher, key.reveal().data(), iv.data(),
                                        static_cast<int>(way), nullptr) != 1) {
      return false;
    }
    base::copy_bytes(key_, key.reveal());
    way_ = way;
    holds_key_ = true;
    return true;
  }

  openssl_handle<EVP_CIPHER_CTX> context_;
  base::byte_array<max_key_size> key_{};
  direction way_ = direction::sealing;
  bool holds_key_ = false;
};

bool update(EVP_CIPHER_CTX* context, base::byte_view in, std::uint8_t* out) noexcept {
  int written = 0;
  return EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1 &&
         written == static_cast<int>(in.size());
}

bool finish(EVP_CIPHER_CTX* context) noexcept {
  int written = 0;
  std::uint8_t unused = 0;
  return EVP_CipherFinal_ex(context, &unused, &written) == 1;
}

bool has_size(std::span<const base::byte_view> parts, std::size_t wanted) noexcept {
  for (const auto part : parts) {
    if (part.size() > wanted) {
      return false;
    }
    wanted -= part.size();
  }
  return wanted == 0;
}

}

struct openssl_engine::context_cache {
  keyed_context& of(const cipher_key& key) noexcept {
    auto& line = lines[static_cast<std::size_t>(key.method())];
    return line[key.reveal().front() % contexts_per_method];
  }

  std::array<std::array<keyed_context, contexts_per_method>, cipher_method_count> lines;
};

openssl_engine::openssl_engine() : contexts_(std::make_unique<context_cache>()) {}

openssl_engine::~openssl_engine() = default;

base::result<> openssl_engine::seal(aead_position at, std::span<const base::byte_view> plain,
                                    base::byte_span sealed) noexcept {
  if (sealed.size() < tag_size || !has_size(plain, sealed.size() - tag_size)) {
    return base::fail(base::errc::invalid_argument);
  }
  auto* context = contexts_->of(at.key).prepare(at, direction::sealing);
  if (context == nullptr) {
    return openssl_failure(errc::crypto_failure);
  }
  auto* out = sealed.data();
  for (const auto part : plain) {
    if (!part.empty() && !update(context, part, out)) {
      return openssl_failure(errc::crypto_failure);
    }
    out += part.size();
  }
  if (!finish(context) || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out) != 1) {
    return openssl_failure(errc::crypto_failure);
  }
  return {};
}

base::result<> openssl_engine::open(aead_position at, base::byte_view sealed,
                                    base::byte_span plain) noexcept {
  if (sealed.size() < tag_size || plain.size() != sealed.size() - tag_size) {
    return base::fail(base::errc::invalid_argument);
  }
  auto* context = contexts_->of(at.key).prepare(at, direction::opening);
  auto tag = base::byte_array<tag_size>{};
  base::copy_bytes(tag, sealed.last(tag_size));
  if (context == nullptr || !update(context, sealed.first(plain.size()), plain.data()) ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) != 1) {
    return openssl_failure(errc::crypto_failure);
  }
  if (!finish(context)) {
    base::wipe(plain);
    return openssl_failure(errc::tag_mismatch);
  }
  return {};
}

}
