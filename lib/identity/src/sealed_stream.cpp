#include "httvps/identity/sealed_stream.hpp"

#include <sodium.h>

#include <algorithm>

#include "httvps/identity/errc.hpp"
#include "sodium_ready.hpp"

namespace httvps::identity {
namespace {

constexpr std::string_view kind_mark = "HTTVPSs1";
constexpr std::size_t key_bytes = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t header_bytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t recipient_at = kind_mark.size();
constexpr std::size_t sealed_key_at = recipient_at + box_key_size;
constexpr std::size_t header_at = sealed_key_at + key_bytes + sealed_box_overhead;

static_assert(header_at + header_bytes == sealed_stream_opening);
static_assert(sealed_part_size ==
              sealed_part_content + crypto_secretstream_xchacha20poly1305_ABYTES);

using opening_bytes = base::byte_array<sealed_stream_opening>;

struct wiped_state {
  wiped_state() = default;
  wiped_state(const wiped_state&) = delete;
  wiped_state& operator=(const wiped_state&) = delete;
  ~wiped_state() { sodium_memzero(&cipher, sizeof cipher); }

  crypto_secretstream_xchacha20poly1305_state cipher{};
  opening_bytes opening{};
};

}

struct stream_sealer::state : wiped_state {};

stream_sealer::stream_sealer(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
stream_sealer::stream_sealer(stream_sealer&&) noexcept = default;
stream_sealer& stream_sealer::operator=(stream_sealer&&) noexcept = default;
stream_sealer::~stream_sealer() = default;

base::result<stream_sealer> stream_sealer::start(const box_public_key& recipient,
                                                 base::random_source& random) {
  make_sodium_ready();
  base::byte_vector drawn(key_bytes);
  random.fill(drawn);
  const base::secret_bytes key(std::move(drawn));
  HTTVPS_TRY(const auto sealed_key, seal_to(recipient, key, random));
  auto made = std::make_unique<state>();
  std::ranges::copy(base::as_bytes(kind_mark), made->opening.begin());
  std::ranges::copy(recipient.bytes, made->opening.begin() + recipient_at);
  std::ranges::copy(sealed_key, made->opening.begin() + sealed_key_at);
  crypto_secretstream_xchacha20poly1305_init_push(&made->cipher, made->opening.data() + header_at,
                                                  key.reveal().data());
  return stream_sealer(std::move(made));
}

base::byte_view stream_sealer::opening() const noexcept {
  return state_->opening;
}

base::result<base::byte_vector> stream_sealer::seal(base::byte_view content, stream_place place) {
  if (content.size() > sealed_part_content) {
    return base::fail(errc::too_long);
  }
  base::byte_vector part(content.size() + crypto_secretstream_xchacha20poly1305_ABYTES);
  const auto tag = place == stream_place::last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                               : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  crypto_secretstream_xchacha20poly1305_push(
      &state_->cipher, part.data(), nullptr, content.data(), content.size(), state_->opening.data(),
      state_->opening.size(), static_cast<unsigned char>(tag));
  return part;
}

struct stream_opener::state : wiped_state {};

stream_opener::stream_opener(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
stream_opener::stream_opener(stream_opener&&) noexcept = default;
stream_opener& stream_opener::operator=(stream_opener&&) noexcept = default;
stream_opener::~stream_opener() = default;

base::result<stream_opener> stream_opener::start(base::byte_view opening, const box_key& key) {
  make_sodium_ready();
  if (opening.size() != sealed_stream_opening ||
      base::as_text(opening.first(kind_mark.size())) != kind_mark) {
    return base::fail(errc::sealed_stream_invalid);
  }
  if (!std::ranges::equal(opening.subspan(recipient_at, box_key_size), key.public_part().bytes)) {
    return base::fail(errc::sealed_stream_foreign);
  }
  const auto stream_key = key.open(opening.subspan(sealed_key_at, header_at - sealed_key_at));
  if (!stream_key) {
    return base::fail(errc::sealed_stream_invalid);
  }
  auto made = std::make_unique<state>();
  std::ranges::copy(opening, made->opening.begin());
  if (crypto_secretstream_xchacha20poly1305_init_pull(
          &made->cipher, made->opening.data() + header_at, stream_key->reveal().data()) != 0) {
    return base::fail(errc::sealed_stream_invalid);
  }
  return stream_opener(std::move(made));
}

base::result<opened_part> stream_opener::open(base::byte_view part) {
  if (part.size() < crypto_secretstream_xchacha20poly1305_ABYTES ||
      part.size() > sealed_part_size) {
    return base::fail(errc::sealed_stream_invalid);
  }
  opened_part opened{
      .content = base::byte_vector(part.size() - crypto_secretstream_xchacha20poly1305_ABYTES)};
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(
          &state_->cipher, opened.content.data(), nullptr, &tag, part.data(), part.size(),
          state_->opening.data(), state_->opening.size()) != 0) {
    return base::fail(errc::sealed_stream_invalid);
  }
  opened.place = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL ? stream_place::last
                                                                        : stream_place::more_follow;
  return opened;
}

}
