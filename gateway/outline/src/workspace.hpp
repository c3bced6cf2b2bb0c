#pragma once

#include <memory>
#include <utility>

#include "httvps/gateway/outline/dialer.hpp"
#include "httvps/shadowsocks/stream.hpp"

namespace httvps::gateway {

inline constexpr std::size_t most_chunks_of_a_batch = 6;
inline constexpr std::size_t output_size = first_payload_limit + shadowsocks::max_salt_size +
                                           shadowsocks::max_encoded_target_size +
                                           most_chunks_of_a_batch * shadowsocks::chunk_overhead;

static_assert(node_send_batch <= first_payload_limit);

using shared_engine = std::shared_ptr<shadowsocks::aead_engine>;

inline shared_engine engine_or_default(shared_engine chosen) {
  return chosen ? std::move(chosen) : std::make_shared<shadowsocks::openssl_engine>();
}

struct node_workspace {
  node_workspace(const base::clock& time, base::random_source& randomness, shared_engine chosen)
      : clock(time),
        random(randomness),
        engine(std::move(chosen)),
        output(std::make_unique_for_overwrite<std::uint8_t[]>(output_size)),
        input(std::make_unique_for_overwrite<std::uint8_t[]>(node_receive_size)) {}

  base::byte_span output_space() noexcept { return {output.get(), output_size}; }
  base::byte_span input_space() noexcept { return {input.get(), node_receive_size}; }

  const base::clock& clock;
  base::random_source& random;
  shared_engine engine;
  std::unique_ptr<std::uint8_t[]> output;
  std::unique_ptr<std::uint8_t[]> input;
};

}
