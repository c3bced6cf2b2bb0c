#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace httvps::test_servers {

struct account {
  uid_t user;
  gid_t group;
};

account unprivileged_account();
pid_t launch_unprivileged(std::vector<std::string> words, const std::filesystem::path& log);
void run_unprivileged(std::vector<std::string> words, const std::filesystem::path& log);

}
