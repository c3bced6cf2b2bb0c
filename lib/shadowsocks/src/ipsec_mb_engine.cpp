#include "ipsec_mb_engine.hpp"

#include <intel-ipsec-mb.h>

#include <array>
#include <utility>

namespace httvps::shadowsocks {
namespace {

constexpr std::size_t keys_per_method = 16;
constexpr std::uint64_t needed_features =
    IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ | IMB_FEATURE_AVX512_SKX;

using nonce = base::byte_array<nonce_size>;
using tag = base::byte_array<tag_size>;

struct free_manager {
  void operator()(IMB_MGR* manager) const noexcept { free_mb_mgr(manager); }
};
using manager_handle = std::unique_ptr<IMB_MGR, free_manager>;

nonce nonce_of(std::uint64_t counter) noexcept {
  nonce bytes{};
  for (std::size_t i = 0; i < sizeof counter; ++i) {
    bytes[i] = static_cast<std::uint8_t>(counter >> (8 * i));
  }
  return bytes;
}

manager_handle make_manager() noexcept {
  manager_handle manager(alloc_mb_mgr(0));
  if (manager && (manager->features & needed_features) == needed_features) {
    init_mb_mgr_avx512(manager.get());
    if (imb_get_errno(manager.get()) == 0) {
      return manager;
    }
  }
  return nullptr;
}

struct gcm_functions {
  aes_gcm_pre_t expand;
  aes_gcm_init_t begin;
  aes_gcm_enc_dec_update_t seal_more;
  aes_gcm_enc_dec_finalize_t seal_end;
  aes_gcm_enc_dec_t seal;
  aes_gcm_enc_dec_t open;
};

gcm_functions functions_of(const IMB_MGR& manager, cipher_method method) noexcept {
  if (method == cipher_method::aes_128_gcm) {
    return {manager.gcm128_pre,          manager.gcm128_init, manager.gcm128_enc_update,
            manager.gcm128_enc_finalize, manager.gcm128_enc,  manager.gcm128_dec};
  }
  return {manager.gcm256_pre,          manager.gcm256_init, manager.gcm256_enc_update,
          manager.gcm256_enc_finalize, manager.gcm256_enc,  manager.gcm256_dec};
}

class expanded_key {
 public:
  ~expanded_key() {
    base::wipe(key_);
    base::wipe({reinterpret_cast<std::uint8_t*>(&data_), sizeof data_});
  }

  const gcm_key_data* of(const cipher_key& key, aes_gcm_pre_t expand) noexcept {
    const auto bytes = key.reveal();
    const auto kept = base::byte_view(key_).first(bytes.size());
    if (!holds_key_ || !base::equal_in_constant_time(kept, bytes)) {
      expand(bytes.data(), &data_);
      base::copy_bytes(key_, bytes);
      holds_key_ = true;
    }
    return &data_;
  }

 private:
  alignas(64) gcm_key_data data_{};
  base::byte_array<max_key_size> key_{};
  bool holds_key_ = false;
};

base::result<> judged(const tag& made, base::byte_view received, base::byte_span plain) noexcept {
  if (base::equal_in_constant_time(made, received)) {
    return {};
  }
  base::wipe(plain);
  return base::fail(errc::tag_mismatch);
}

bool has_size(std::span<const base::byte_view> parts, std::size_t wanted) noexcept {
  std::size_t size = 0;
  for (const auto part : parts) {
    size += part.size();
  }
  return size == wanted;
}

class ipsec_mb_engine final : public aead_engine {
 public:
  explicit ipsec_mb_engine(manager_handle manager) noexcept : manager_(std::move(manager)) {}

  base::result<> seal(aead_position at, std::span<const base::byte_view> plain,
                      base::byte_span sealed) noexcept override {
    if (sealed.size() < tag_size || !has_size(plain, sealed.size() - tag_size)) {
      return base::fail(base::errc::invalid_argument);
    }
    if (at.key.method() == cipher_method::chacha20_ietf_poly1305) {
      seal_chacha(at, plain, sealed);
    } else {
      seal_gcm(at, plain, sealed);
    }
    return {};
  }

  base::result<> open(aead_position at, base::byte_view sealed,
                      base::byte_span plain) noexcept override {
    if (sealed.size() < tag_size || plain.size() != sealed.size() - tag_size) {
      return base::fail(base::errc::invalid_argument);
    }
    tag received{};
    base::copy_bytes(received, sealed.last(tag_size));
    const auto body = sealed.first(plain.size());
    const bool chacha = at.key.method() == cipher_method::chacha20_ietf_poly1305;
    const auto made = chacha ? open_chacha(at, body, plain) : open_gcm(at, body, plain);
    return judged(made, received, plain);
  }

 private:
  expanded_key& slot_of(const cipher_key& key) noexcept {
    auto& line = keys_[key.method() == cipher_method::aes_128_gcm ? 0 : 1];
    return line[key.reveal().front() % keys_per_method];
  }

  void seal_gcm(aead_position at, std::span<const base::byte_view> plain,
                base::byte_span sealed) noexcept {
    const auto call = functions_of(*manager_, at.key.method());
    const auto* key = slot_of(at.key).of(at.key, call.expand);
    const auto iv = nonce_of(at.counter);
    alignas(64) gcm_context_data state;
    auto* out = sealed.data();
    if (plain.size() == 1) {
      const auto size = plain.front().size();
      call.seal(key, &state, out, plain.front().data(), size, iv.data(), nullptr, 0, out + size,
                tag_size);
      return;
    }
    call.begin(key, &state, iv.data(), nullptr, 0);
    for (const auto part : plain) {
      if (!part.empty()) {
        call.seal_more(key, &state, out, part.data(), part.size());
      }
      out += part.size();
    }
    call.seal_end(key, &state, out, tag_size);
  }

  tag open_gcm(aead_position at, base::byte_view body, base::byte_span plain) noexcept {
    const auto call = functions_of(*manager_, at.key.method());
    const auto* key = slot_of(at.key).of(at.key, call.expand);
    const auto iv = nonce_of(at.counter);
    alignas(64) gcm_context_data state;
    tag made{};
    call.open(key, &state, plain.data(), body.data(), body.size(), iv.data(), nullptr, 0,
              made.data(), tag_size);
    return made;
  }

  void seal_chacha(aead_position at, std::span<const base::byte_view> plain,
                   base::byte_span sealed) noexcept {
    const auto* key = at.key.reveal().data();
    const auto iv = nonce_of(at.counter);
    alignas(64) chacha20_poly1305_context_data state;
    auto* out = sealed.data();
    manager_->chacha20_poly1305_init(key, &state, iv.data(), nullptr, 0);
    for (const auto part : plain) {
      if (!part.empty()) {
        manager_->chacha20_poly1305_enc_update(key, &state, out, part.data(), part.size());
      }
      out += part.size();
    }
    manager_->chacha20_poly1305_finalize(&state, out, tag_size);
  }

  tag open_chacha(aead_position at, base::byte_view body, base::byte_span plain) noexcept {
    const auto* key = at.key.reveal().data();
    const auto iv = nonce_of(at.counter);
    alignas(64) chacha20_poly1305_context_data state;
    tag made{};
    manager_->chacha20_poly1305_init(key, &state, iv.data(), nullptr, 0);
    if (!body.empty()) {
      manager_->chacha20_poly1305_dec_update(key, &state, plain.data(), body.data(), body.size());
    }
    manager_->chacha20_poly1305_finalize(&state, made.data(), tag_size);
    return made;
  }

  manager_handle manager_;
  std::array<std::array<expanded_key, keys_per_method>, 2> keys_;
};

}

bool ipsec_mb_runs_here() noexcept {
  return (imb_get_feature_flags() & needed_features) == needed_features;
}

std::unique_ptr<aead_engine> make_ipsec_mb_engine() {
  auto manager = make_manager();
  return manager ? std::make_unique<ipsec_mb_engine>(std::move(manager)) : nullptr;
}

}
