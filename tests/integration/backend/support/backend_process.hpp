#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/postgresql_server.hpp"
#include "temporary_folder.hpp"

namespace httvps::testing {

using environment = std::map<std::string, std::string>;

inline constexpr std::string_view gateway_secret = "planted-gateway-secret-7f3c";

struct program_outcome {
  int exit_code = -1;
  std::string output;
};

class backend_folder {
 public:
  explicit backend_folder(test_servers::test_engine engine = test_servers::chosen_engine());
  backend_folder(const backend_folder&) = delete;
  backend_folder& operator=(const backend_folder&) = delete;

  std::string file(std::string_view name) const;
  std::string text_of(std::string_view name) const;
  std::string admin_token() const;
  environment usual_environment() const;
  std::string everything_written() const;
  std::string dsn() const;
  void run_sql(const std::string& sql) const;
  std::string ask(const std::string& sql) const;

 private:
  temporary_folder home_;
  std::filesystem::path path_ = home_.path();
  std::optional<test_servers::postgresql_database> database_;
};

class backend_process {
 public:
  backend_process(const backend_folder& folder, environment variables);
  backend_process(const backend_process&) = delete;
  backend_process& operator=(const backend_process&) = delete;
  ~backend_process();

  const std::string& address() const noexcept { return address_; }
  const std::string& metrics_address() const noexcept { return metrics_address_; }
  pid_t id() const noexcept { return process_; }
  int stop();
  void kill() noexcept;
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit);

 private:
  void wait_for_address();

  const backend_folder& folder_;
  pid_t process_ = -1;
  std::string address_;
  std::string metrics_address_;
};

program_outcome run_backend(const backend_folder& folder, const std::vector<std::string>& words,
                            const environment& variables);

}
