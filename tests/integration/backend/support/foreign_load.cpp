#include "support/foreign_load.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace httvps::testing {
namespace {

constexpr int busy_fields = 8;
constexpr int idle_field = 3;
constexpr int waiting_field = 4;
constexpr int fields_between_parent_and_times = 9;

struct process_facts {
  long parent = 0;
  double time = 0;
};

double seconds_of(double ticks) {
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double machine_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  file >> word;
  double busy = 0;
  for (int field = 0; field < busy_fields; ++field) {
    double ticks = 0;
    file >> ticks;
    busy += field == idle_field || field == waiting_field ? 0 : ticks;
  }
  return seconds_of(busy);
}

process_facts facts_of(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text);
  std::istringstream rest(text.substr(text.rfind(')') + 1));
  std::string skipped;
  process_facts found;
  rest >> skipped >> found.parent;
  for (int field = 0; field < fields_between_parent_and_times; ++field) {
    rest >> skipped;
  }
  double user = 0;
  double system = 0;
  rest >> user >> system;
  found.time = seconds_of(user + system);
  return found;
}

bool descends(const std::map<long, process_facts>& all, long process) {
  while (process != ::getpid()) {
    const auto found = all.find(process);
    if (found == all.end()) {
      return false;
    }
    process = found->second.parent;
  }
  return true;
}

}

processor_time used_processor_time() {
  std::map<long, process_facts> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) {
      all.emplace(std::stol(name), facts_of(entry.path()));
    }
  }
  processor_time used{.all = machine_time()};
  for (const auto& [process, facts] : all) {
    used.own += descends(all, process) ? facts.time : 0;
  }
  return used;
}

}
