#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/shadowsocks/cipher.hpp"
#include "temporary_folder.hpp"

namespace httvps::testing {

inline constexpr std::string_view server_password = "integration password";

inline constexpr std::array all_methods{shadowsocks::cipher_method::chacha20_ietf_poly1305,
                                        shadowsocks::cipher_method::aes_128_gcm,
                                        shadowsocks::cipher_method::aes_256_gcm};

std::uint16_t free_port();

class ss_server {
 public:
  explicit ss_server(shadowsocks::cipher_method method, std::string outgoing_address = {});
  ss_server(const ss_server&) = delete;
  ss_server& operator=(const ss_server&) = delete;
  ~ss_server();

  std::uint16_t port() const noexcept { return port_; }
  shadowsocks::cipher_method method() const noexcept { return method_; }
  const std::string& outgoing_address() const noexcept { return outgoing_address_; }
  void stop() noexcept;

 private:
  void start();
  bool wait_until_listening() const;

  shadowsocks::cipher_method method_;
  std::string outgoing_address_;
  temporary_folder folder_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}
