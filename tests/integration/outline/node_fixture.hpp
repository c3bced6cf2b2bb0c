#pragma once

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>
#include <memory>

#include "httvps/base/random.hpp"
#include "httvps/gateway/outline/dialer.hpp"
#include "httvps/shadowsocks/stream.hpp"
#include "run_loop.hpp"
#include "support/ss_server.hpp"
#include "support/tcp.hpp"

namespace httvps::gateway::testing {

using net::testing::run_loop;
using net::testing::soon;
using shared_connection = std::shared_ptr<node_connection>;

class collecting_sink final : public payload_sink {
 public:
  explicit collecting_sink(std::size_t room = SIZE_MAX) : room_(room) {}

  base::byte_span reserve(std::size_t size) override {
    if (size > room_) {
      return {};
    }
    bytes.resize(filled_ + size);
    return base::byte_span(bytes).subspan(filled_);
  }

  void commit(std::size_t count) override {
    filled_ += count;
    room_ -= count;
  }

  void allow(std::size_t more) { room_ = more; }
  base::byte_view view() const { return base::byte_view(bytes).first(filled_); }
  std::size_t size() const { return filled_; }

 private:
  base::byte_vector bytes;
  std::size_t filled_ = 0;
  std::size_t room_;
};

std::shared_ptr<outline_node> make_node(shadowsocks::access_key key,
                                        half_close_policy policy = half_close_policy::by_issuer);
shadowsocks::access_key key_for(std::uint16_t port, shadowsocks::cipher_method method =
                                                        shadowsocks::cipher_method::aes_256_gcm);
shadowsocks::target loopback_target(std::uint16_t port);

net::task<shared_connection> dial(std::shared_ptr<node_dialer> dialer, connect_request request);
std::shared_ptr<node_dialer> make_dialer();

net::task<> send_all(shared_connection connection, base::byte_view payload);
net::task<> receive_at_least(shared_connection connection, std::shared_ptr<collecting_sink> sink,
                             std::size_t wanted);
net::task<> receive_until_end(shared_connection connection, std::shared_ptr<collecting_sink> sink);

class node_side {
 public:
  explicit node_side(httvps::testing::tcp_socket& socket);

  base::byte_vector receive(std::size_t wanted);
  base::byte_vector receive_until_end() { return receive(SIZE_MAX); }
  bool send(base::byte_view payload);
  base::byte_vector sealed(base::byte_view payload);

 private:
  httvps::testing::tcp_socket& socket_;
  shadowsocks::openssl_engine engine_;
  shadowsocks::stream_encryptor encryptor_;
  shadowsocks::stream_decryptor decryptor_;
};

}
