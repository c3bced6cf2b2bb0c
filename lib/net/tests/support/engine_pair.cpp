#include "engine_pair.hpp"

#include <algorithm>
#include <stdexcept>

namespace httvps::net::testing {
namespace {

constexpr int round_limit = 16;

void step(tls_engine& engine, ciphertext_buffer& incoming, ciphertext_buffer& outgoing,
          base::error& failure, bool& finished) {
  auto input = incoming.view();
  const auto progress = engine.handshake(input, outgoing);
  incoming.drop_front(incoming.size() - input.size());
  if (!progress) {
    failure = progress.error();
    return;
  }
  finished = *progress == tls_progress::finished;
}

base::byte_vector drain(tls_engine& engine, ciphertext_buffer& incoming,
                        ciphertext_buffer& outgoing, std::size_t chunk) {
  base::byte_vector plain;
  base::byte_vector space(64 * 1024);
  while (!incoming.empty()) {
    const auto count = std::min(chunk, incoming.size());
    auto input = incoming.view().first(count);
    while (const auto got = engine.read(input, space, outgoing)) {
      base::append(plain, base::byte_view(space).first(*got));
    }
    if (!input.empty()) {
      throw std::runtime_error("the engine left ciphertext unread");
    }
    incoming.drop_front(count);
  }
  return plain;
}

}

bool engine_pair::shake_hands() {
  for (int round = 0; round < round_limit; ++round) {
    if (!client_failure) {
      step(client, to_client, to_server, client_failure, client_finished);
    }
    if (!server_failure) {
      step(server, to_server, to_client, server_failure, server_finished);
    }
    if (client_finished && server_finished && to_server.empty()) {
      return true;
    }
  }
  return false;
}

base::byte_vector engine_pair::move_to_server(std::size_t chunk) {
  return drain(server, to_server, to_client, chunk);
}

base::byte_vector engine_pair::move_to_client(std::size_t chunk) {
  return drain(client, to_client, to_server, chunk);
}

engine_pair make_pair(const tls_context& client, const tls_context& server, tls_target target) {
  auto near = tls_engine::make_client(client, std::move(target));
  auto far = tls_engine::make_server(server);
  if (!near || !far) {
    throw std::runtime_error("making TLS engines failed");
  }
  return {.client = *std::move(near), .server = *std::move(far)};
}

}
