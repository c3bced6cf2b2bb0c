#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "httvps/backend/services/failpoints.hpp"
#include "httvps/gateway/usage/failpoints.hpp"

namespace httvps::testing {
namespace {

namespace gateway_points = gateway::usage_failpoint;
namespace backend_points = backend::services::usage_failpoint;

using names = std::set<std::string>;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void collect(const std::string& text, const std::regex& wanted, names& found) {
  for (std::sregex_iterator each(text.begin(), text.end(), wanted); each != std::sregex_iterator();
       ++each) {
    found.insert((*each)[1]);
  }
}

names found_in(const std::string& folder, const std::regex& wanted) {
  names found;
  const auto root = std::filesystem::path(HTTVPS_SOURCE_DIR) / folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto name = entry.path().string();
    const bool is_source = name.ends_with(".cpp") || name.ends_with(".hpp");
    if (is_source && name.find("/tests/") == std::string::npos) {
      collect(text_of(entry.path()), wanted, found);
    }
  }
  return found;
}

names named_in(const std::string& folder) {
  return found_in(folder, std::regex(R"lit("([a-z_]+(?:\.[a-z_]+)+\.(?:before|after))")lit"));
}

names declared_in(const std::string& header) {
  names found;
  const std::regex constant(R"lit(std::string_view (\w+) =\s*")lit");
  collect(text_of(std::filesystem::path(HTTVPS_SOURCE_DIR) / header), constant, found);
  return found;
}

names reached_in(const std::string& folder) {
  return found_in(folder, std::regex(R"lit(usage_failpoint::(\w+)\))lit"));
}

TEST(FailpointList, HoldsEachPointThatTheProgramsName) {
  EXPECT_EQ(named_in("gateway"), names(gateway_points::all.begin(), gateway_points::all.end()));
  EXPECT_EQ(named_in("backend"), names(backend_points::all.begin(), backend_points::all.end()));
  EXPECT_EQ(named_in("node"), names());
  EXPECT_EQ(named_in("lib"), names());
}

TEST(FailpointList, EachPointIsReachedInItsProgram) {
  EXPECT_EQ(reached_in("gateway"),
            declared_in("gateway/usage/include/httvps/gateway/usage/failpoints.hpp"));
  EXPECT_EQ(reached_in("backend"),
            declared_in("backend/services/include/httvps/backend/services/failpoints.hpp"));
}

}
}
