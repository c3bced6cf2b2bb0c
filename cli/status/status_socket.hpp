#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "httvps/base/error.hpp"
#include "httvps/net/task.hpp"
#include "httvps/sdk/state_store.hpp"

namespace httvps::cli {

std::string status_socket_path(const std::string& state_folder,
                               const sdk::environment_reader& read);

inline constexpr std::size_t question_limit = 128;

using status_answerer = std::function<net::asio::awaitable<std::string>(std::string question)>;

class status_server {
 public:
  static base::result<status_server> open(const net::executor& runs_on, std::string path,
                                          status_answerer answerer);
  status_server(status_server&&) noexcept;
  status_server& operator=(status_server&&) noexcept;
  ~status_server();

  net::task<> stop(base::steady_time deadline);

 private:
  struct state;
  explicit status_server(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

base::result<std::string> ask_running(const std::string& path, const std::string& question,
                                      std::chrono::milliseconds patience);

}
