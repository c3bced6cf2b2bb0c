#include "outline/node_fixture.hpp"

#include <algorithm>

namespace httvps::gateway::testing {
namespace {

constexpr auto fake_method = shadowsocks::cipher_method::aes_256_gcm;

shadowsocks::cipher_key fake_master() {
  return shadowsocks::derive_master_key(
             fake_method, base::secret_bytes::from_text(httvps::testing::server_password))
      .value();
}

shadowsocks::salt fresh_salt() {
  return shadowsocks::make_salt(fake_method, {}, base::secure_random()).value();
}

}

std::shared_ptr<outline_node> make_node(shadowsocks::access_key key, half_close_policy policy) {
  return outline_node::make({.id = "node_test",
                             .key = std::move(key),
                             .half_close = policy,
                             .half_close_quiet = std::chrono::milliseconds(300)})
      .value();
}

shadowsocks::access_key key_for(std::uint16_t port, shadowsocks::cipher_method method) {
  return {.method = method,
          .password = base::secret_bytes::from_text(httvps::testing::server_password),
          .host = "127.0.0.1",
          .port = port};
}

shadowsocks::target loopback_target(std::uint16_t port) {
  return {.host = shadowsocks::ipv4_bytes{127, 0, 0, 1}, .port = port};
}

std::shared_ptr<node_dialer> make_dialer() {
  return std::make_shared<node_dialer>(base::real_clock(), base::secure_random());
}

net::task<shared_connection> dial(std::shared_ptr<node_dialer> dialer, connect_request request) {
  HTTVPS_CO_TRY(auto connection, co_await dialer->connect(std::move(request), soon()));
  co_return std::make_shared<node_connection>(std::move(connection));
}

net::task<> send_all(shared_connection connection, base::byte_view payload) {
  while (!payload.empty()) {
    HTTVPS_CO_TRY(const auto accepted, connection->try_send(payload));
    payload = payload.subspan(accepted);
    while (connection->has_backlog()) {
      HTTVPS_CO_CHECK(co_await connection->wait_writable(soon()));
      HTTVPS_CO_CHECK(connection->flush());
    }
  }
  co_return base::result<>();
}

net::task<> receive_at_least(shared_connection connection, std::shared_ptr<collecting_sink> sink,
                             std::size_t wanted) {
  while (sink->size() < wanted) {
    HTTVPS_CO_TRY(const auto state, connection->receive(*sink));
    if (state == receive_state::ended || state == receive_state::paused) {
      break;
    }
    if (state == receive_state::drained && sink->size() < wanted) {
      HTTVPS_CO_CHECK(co_await connection->wait_readable(soon()));
    }
  }
  co_return base::result<>();
}

net::task<> receive_until_end(shared_connection connection, std::shared_ptr<collecting_sink> sink) {
  return receive_at_least(std::move(connection), std::move(sink), SIZE_MAX);
}

node_side::node_side(httvps::testing::tcp_socket& socket)
    : socket_(socket),
      encryptor_(
          shadowsocks::stream_encryptor::start(engine_, fake_master(), fresh_salt()).value()),
      decryptor_(engine_, fake_master(), fresh_salt()) {}

base::byte_vector node_side::receive(std::size_t wanted) {
  base::byte_vector plain;
  base::byte_vector in(128 * 1024);
  base::byte_vector room(shadowsocks::max_chunk_payload);
  while (plain.size() < wanted) {
    const auto count = socket_.receive(in);
    if (!count || *count == 0) {
      break;
    }
    for (auto rest = base::byte_view(in).first(*count); !rest.empty();) {
      const auto done = decryptor_.open(rest, room).value();
      base::append(plain, base::byte_view(room).first(done.produced));
      rest = rest.subspan(done.consumed);
    }
  }
  return plain;
}

base::byte_vector node_side::sealed(base::byte_view payload) {
  base::byte_vector all;
  while (!payload.empty()) {
    const auto part = payload.first(std::min(payload.size(), shadowsocks::max_chunk_payload));
    const auto start = all.size();
    all.resize(start + encryptor_.next_sealed_size(part.size()));
    encryptor_.seal(base::byte_span(all).subspan(start), part).value();
    payload = payload.subspan(part.size());
  }
  return all;
}

bool node_side::send(base::byte_view payload) {
  return socket_.send_all(sealed(payload));
}

}
