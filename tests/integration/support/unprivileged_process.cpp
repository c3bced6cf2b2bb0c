#include "support/unprivileged_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "temporary_folder.hpp"

namespace httvps::test_servers {
namespace {

constexpr unsigned first_other_descriptor = 3;

void become(const account& chosen) {
  if (geteuid() == 0 &&
      (setgroups(0, nullptr) != 0 || setgid(chosen.group) != 0 || setuid(chosen.user) != 0)) {
    _exit(126);
  }
}

}

account unprivileged_account() {
  if (geteuid() != 0) {
    return {.user = geteuid(), .group = getegid()};
  }
  for (const auto* name : {"postgres", "nobody"}) {
    if (const auto* found = getpwnam(name); found != nullptr) {
      return {.user = found->pw_uid, .group = found->pw_gid};
    }
  }
  throw std::runtime_error("no unprivileged account for PostgreSQL");
}

pid_t launch_unprivileged(std::vector<std::string> words, const std::filesystem::path& log) {
  const auto who = unprivileged_account();
  std::vector<char*> arguments;
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) {
    return process;
  }
  become(who);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  static_cast<void>(chdir("/"));
  const int target = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(target, 1);
  dup2(target, 2);
  close_range(first_other_descriptor, ~0U, 0);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

void run_unprivileged(std::vector<std::string> words, const std::filesystem::path& log) {
  const auto name = words.front();
  int status = 0;
  const pid_t process = launch_unprivileged(std::move(words), log);
  if (waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(name + " failed: " + content_of(log));
  }
}

}
