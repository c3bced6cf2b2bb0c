#include "httvps/gateway/metrics/probe.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace httvps::gateway {
namespace {

TEST(GatewayProbe, EveryMetricIsExposedOnceWithHelp) {
  base::metric_registry registry;
  gateway_probe probe(registry);
  probe.sessions.add(1);
  std::istringstream text(registry.expose());
  std::set<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# HELP ")) {
      const auto rest = line.substr(7);
      EXPECT_TRUE(names.insert(rest.substr(0, rest.find(' '))).second) << line;
      EXPECT_TRUE(line.ends_with(".")) << line;
    }
  }
  EXPECT_EQ(names.size(), 59U);
}

}
}
