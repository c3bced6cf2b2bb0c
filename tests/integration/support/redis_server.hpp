#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "temporary_folder.hpp"

namespace httvps::test_servers {

inline constexpr std::string_view redis_user = "planted-redis-user";
inline constexpr std::string_view redis_password = "planted-redis-password-3b81";

enum class redis_listen { socket, loopback };

class redis_server {
 public:
  explicit redis_server(redis_listen where = redis_listen::socket);
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;
  ~redis_server();

  void start();
  void kill() noexcept;
  void freeze() const;
  void thaw() const;

  std::string url() const;
  std::string url_without_password() const;
  std::string url_file() const;
  std::string url_as(std::string_view user, std::string_view password) const;
  std::vector<std::string> keys() const;
  std::string ask(const std::vector<std::string>& words) const;

 private:
  void write_settings() const;
  bool wait_until_ready() const;
  std::string url_of(std::string_view credentials) const;

  redis_listen where_;
  temporary_folder home_;
  std::filesystem::path folder_ = home_.path();
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}
