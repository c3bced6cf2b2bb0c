#include "httvps/gateway/config/memory_limit.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "temporary_folder.hpp"

namespace httvps::gateway {
namespace {

class MemoryLimit : public ::testing::Test {
 protected:
  void SetUp() override {
    host_ = {.proc = root_ / "proc", .cgroup = root_ / "cgroup"};
    write("proc/meminfo", "MemTotal:       1048576 kB\nMemFree: 5 kB\n");
  }

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  const temporary_folder home_;
  const std::filesystem::path root_ = home_.path();
  memory_view host_;
};

TEST_F(MemoryLimit, IsWhatTheMachineHasWithoutGroups) {
  EXPECT_EQ(memory_limit(host_), 1024 * base::mebibyte);
}

TEST_F(MemoryLimit, IsTheLeastOfItsGroupAndThoseAbove) {
  write("proc/self/cgroup", "0::/system.slice/httvps-gateway.service\n");
  write("cgroup/system.slice/httvps-gateway.service/memory.max", "max\n");
  EXPECT_EQ(memory_limit(host_), 1024 * base::mebibyte);
  write("cgroup/system.slice/memory.max", "536870912\n");
  EXPECT_EQ(memory_limit(host_), 512 * base::mebibyte);
  write("cgroup/system.slice/httvps-gateway.service/memory.max", "268435456\n");
  EXPECT_EQ(memory_limit(host_), 256 * base::mebibyte);
}

TEST_F(MemoryLimit, IsThatOfAContainerWhoseGroupIsTheRoot) {
  write("proc/self/cgroup", "0::/\n");
  write("cgroup/memory.max", "134217728\n");
  EXPECT_EQ(memory_limit(host_), 128 * base::mebibyte);
}

TEST_F(MemoryLimit, KnowsGroupsOfTheFirstVersion) {
  write("cgroup/memory/memory.limit_in_bytes", "67108864\n");
  EXPECT_EQ(memory_limit(host_), 64 * base::mebibyte);
}

TEST_F(MemoryLimit, IgnoresWhatIsNoNumber) {
  write("proc/self/cgroup", "0::/a\nnonsense\n");
  write("cgroup/a/memory.max", "0\n");
  write("cgroup/memory.max", "much\n");
  EXPECT_EQ(memory_limit(host_), 1024 * base::mebibyte);
}

}
}
