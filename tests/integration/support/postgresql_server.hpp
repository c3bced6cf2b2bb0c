#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::test_servers {

inline constexpr std::string_view postgresql_password = "planted-database-password-5d20";

enum class postgresql_durability { relaxed, full };
enum class postgresql_transport { socket, tls };

struct postgresql_options {
  postgresql_durability durability = postgresql_durability::relaxed;
  postgresql_transport transport = postgresql_transport::socket;
};

class postgresql_server {
 public:
  explicit postgresql_server(postgresql_options chosen = {});
  postgresql_server(const postgresql_server&) = delete;
  postgresql_server& operator=(const postgresql_server&) = delete;
  ~postgresql_server();

  void start();
  void stop();
  void crash();

  pid_t id() const noexcept { return process_; }
  std::string dsn(std::string_view database) const;
  std::string tls_dsn(std::string_view database, std::string_view options) const;
  std::string certificate() const;
  std::string query(std::string_view database, const std::string& sql) const;
  std::string log() const;

 private:
  void prepare_folder();
  void make_certificate() const;
  std::vector<std::string> command() const;
  void wait_until_ready() const;
  void signal_and_wait(int signal) noexcept;

  postgresql_options chosen_;
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

postgresql_durability chosen_durability();
postgresql_server& shared_postgresql();

class postgresql_database {
 public:
  explicit postgresql_database(std::string_view like = "template1");
  postgresql_database(const postgresql_database&) = delete;
  postgresql_database& operator=(const postgresql_database&) = delete;
  ~postgresql_database();

  const std::string& name() const noexcept { return name_; }
  std::string dsn() const { return shared_postgresql().dsn(name_); }
  std::string query(const std::string& sql) const { return shared_postgresql().query(name_, sql); }

 private:
  std::string name_;
};

enum class test_engine { sqlite, postgresql };

test_engine chosen_engine();

}
