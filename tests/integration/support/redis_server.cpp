#include "support/redis_server.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <thread>

#include "support/ss_server.hpp"

namespace httvps::test_servers {
namespace {

namespace files = std::filesystem;

constexpr unsigned first_other_descriptor = 3;
constexpr int start_attempts = 5;
constexpr auto start_limit = std::chrono::seconds(20);
constexpr auto probe_interval = std::chrono::milliseconds(5);

struct context_closer {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
};
struct reply_closer {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using reply_owner = std::unique_ptr<redisReply, reply_closer>;

void run_server(const std::string& settings, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int target = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(target, 1);
  dup2(target, 2);
  close_range(first_other_descriptor, ~0U, 0);
  execlp("redis-server", "redis-server", settings.c_str(), nullptr);
  _exit(127);
}

reply_owner send(redisContext* context, const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  return reply_owner(static_cast<redisReply*>(
      redisCommandArgv(context, static_cast<int>(texts.size()), texts.data(), sizes.data())));
}

class connection {
 public:
  connection(const files::path& folder, std::uint16_t port) {
    const timeval limit{.tv_sec = 2, .tv_usec = 0};
    context_.reset(port == 0 ? redisConnectUnixWithTimeout((folder / "socket").c_str(), limit)
                             : redisConnectWithTimeout("127.0.0.1", port, limit));
  }
  bool is_good() const {
    if (!context_ || context_->err != 0) {
      return false;
    }
    const auto let_in =
        send(context_.get(), {"AUTH", std::string(redis_user), std::string(redis_password)});
    const auto answer = let_in ? send(context_.get(), {"PING"}) : nullptr;
    return answer && answer->type == REDIS_REPLY_STATUS;
  }
  reply_owner ask(const std::vector<std::string>& words) const {
    return is_good() ? send(context_.get(), words) : nullptr;
  }

 private:
  std::unique_ptr<redisContext, context_closer> context_;
};

}

redis_server::redis_server(redis_listen where) : where_(where) {
  start();
}

redis_server::~redis_server() {
  kill();
}

void redis_server::write_settings() const {
  std::ofstream file(folder_ / "settings");
  file << "port " << port_ << "\nbind 127.0.0.1\nsave \"\"\nappendonly no\ndaemonize no\ndir "
       << folder_.string() << "\nuser default off\nuser " << redis_user << " on >" << redis_password
       << " ~* &* +@all\n";
  if (where_ == redis_listen::socket) {
    file << "unixsocket " << (folder_ / "socket").string() << "\nunixsocketperm 700\n";
  }
}

void redis_server::start() {
  for (int attempt = 0; attempt < start_attempts; ++attempt) {
    if (where_ == redis_listen::loopback && port_ == 0) {
      port_ = testing::free_port();
    }
    write_settings();
    process_ = fork();
    if (process_ == 0) {
      run_server(folder_ / "settings", folder_ / "log");
    }
    if (wait_until_ready()) {
      return;
    }
    kill();
    port_ = 0;
  }
  throw std::runtime_error("redis-server does not start: is the package redis-server installed?");
}

bool redis_server::wait_until_ready() const {
  const auto end = std::chrono::steady_clock::now() + start_limit;
  while (std::chrono::steady_clock::now() < end && waitpid(process_, nullptr, WNOHANG) == 0) {
    if (connection(folder_, port_).is_good()) {
      return true;
    }
    std::this_thread::sleep_for(probe_interval);
  }
  return false;
}

void redis_server::kill() noexcept {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
}

void redis_server::freeze() const {
  ::kill(process_, SIGSTOP);
}

void redis_server::thaw() const {
  ::kill(process_, SIGCONT);
}

std::string redis_server::url_of(std::string_view credentials) const {
  if (where_ == redis_listen::socket) {
    return std::string("unix://").append(credentials) + (folder_ / "socket").string();
  }
  return std::string("redis://").append(credentials) + "127.0.0.1:" + std::to_string(port_);
}

std::string redis_server::url() const {
  return url_as(redis_user, redis_password);
}

std::string redis_server::url_as(std::string_view user, std::string_view password) const {
  return url_of(std::string(user).append(":").append(password).append("@"));
}

std::string redis_server::url_without_password() const {
  return url_of("");
}

std::string redis_server::url_file() const {
  const auto path = folder_ / "url";
  std::ofstream(path) << url() << "\n";
  files::permissions(path, files::perms::owner_read | files::perms::owner_write);
  return path;
}

std::vector<std::string> redis_server::keys() const {
  const auto answer = connection(folder_, port_).ask({"KEYS", "*"});
  std::vector<std::string> names;
  if (answer && answer->type == REDIS_REPLY_ARRAY) {
    for (const auto* each : std::span(answer->element, answer->elements)) {
      names.emplace_back(each->str, each->len);
    }
  }
  return names;
}

std::string redis_server::ask(const std::vector<std::string>& words) const {
  const auto answer = connection(folder_, port_).ask(words);
  if (!answer) {
    return "";
  }
  return answer->type == REDIS_REPLY_INTEGER ? std::to_string(answer->integer)
                                             : std::string(answer->str, answer->len);
}

}
