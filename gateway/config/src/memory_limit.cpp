#include "httvps/gateway/config/memory_limit.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>

namespace httvps::gateway {
namespace {

constexpr auto unlimited = std::numeric_limits<base::byte_count>::max();

base::byte_count to_number(std::string_view text) {
  base::byte_count number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && number > 0 ? number : unlimited;
}

base::byte_count number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) ? to_number(line) : unlimited;
}

base::byte_count memory_of_machine(const memory_view& host) {
  std::ifstream file(host.proc + "/meminfo");
  std::string title;
  std::string kibibytes;
  return file >> title >> kibibytes && title == "MemTotal:" && to_number(kibibytes) != unlimited
             ? to_number(kibibytes) * base::kibibyte
             : unlimited;
}

base::byte_count limit_of_group(const memory_view& host) {
  constexpr std::string_view unified = "0::/";
  auto least = number_in(host.cgroup + "/memory/memory.limit_in_bytes");
  std::ifstream file(host.proc + "/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(unified)) {
      continue;
    }
    std::filesystem::path folder = line.substr(unified.size());
    const std::filesystem::path root = host.cgroup;
    least = std::min(least, number_in(root / "memory.max"));
    for (; !folder.empty(); folder = folder.parent_path()) {
      least = std::min(least, number_in(root / folder / "memory.max"));
    }
  }
  return least;
}

}

base::byte_count memory_limit(const memory_view& host) {
  return std::min(memory_of_machine(host), limit_of_group(host));
}

}
