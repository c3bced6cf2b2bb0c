#include "node/support/key_user.hpp"

#include <algorithm>
#include <array>

#include "httvps/shadowsocks/target.hpp"

namespace httvps::testing {
namespace {

using namespace httvps::shadowsocks;

constexpr std::size_t quantum = 16320;
constexpr ipv4_bytes public_bytes{203, 0, 113, 7};
constexpr std::size_t hello_size = 100;

cipher_key master_of(const key_use& chosen) {
  return derive_master_key(chosen.method, base::secret_bytes::from_text(chosen.secret)).value();
}

base::byte_vector address_of(const key_use& chosen) {
  const auto view =
      encoded_target::from({.host = public_bytes, .port = chosen.origin_port}).value();
  return {view.view().begin(), view.view().end()};
}

}

key_user::key_user(const key_use& chosen)
    : key_user(chosen, master_of(chosen),
               make_salt(chosen.method, {}, base::secure_random()).value()) {}

key_user::key_user(const key_use& chosen, const cipher_key& master, const salt& request)
    : socket_(connect_loopback(chosen.server_port)),
      encryptor_(stream_encryptor::start(engine_, master, request).value()),
      decryptor_(engine_, master, request),
      out_(max_salt_size + sealed_size(max_chunk_payload)),
      opening_(address_of(chosen)) {}

bool key_user::send(base::byte_view bytes) {
  while (socket_ && !bytes.empty()) {
    const auto part = bytes.first(std::min(quantum, bytes.size()));
    const std::array parts{base::byte_view(opening_), part};
    const auto size = encryptor_.seal(out_, parts).value();
    opening_.clear();
    if (!socket_.send_all(base::byte_view(out_).first(size))) {
      return false;
    }
    bytes = bytes.subspan(part.size());
  }
  return static_cast<bool>(socket_);
}

base::byte_vector key_user::receive(std::size_t wanted) {
  base::byte_vector plain;
  base::byte_vector in(65536);
  base::byte_array<max_chunk_payload> room;
  while (plain.size() < wanted) {
    const auto count = socket_.receive(in);
    if (!count || *count == 0) {
      break;
    }
    auto rest = base::byte_view(in).first(*count);
    while (!rest.empty()) {
      const auto done = decryptor_.open(rest, room).value();
      base::append(plain, base::byte_view(room).first(done.produced));
      rest = rest.subspan(done.consumed);
    }
  }
  return plain;
}

bool key_user::echo(base::byte_view bytes) {
  return send(bytes) && std::ranges::equal(receive(bytes.size()), bytes);
}

void key_user::finish() {
  finish_sending();
  static_cast<void>(receive(SIZE_MAX));
  socket_.close();
}

bool is_accepted(const key_use& chosen) {
  key_user user(chosen);
  const auto hello = pattern(hello_size);
  if (!user.send(hello)) {
    return false;
  }
  user.finish_sending();
  return user.receive(SIZE_MAX) == hello;
}

}
