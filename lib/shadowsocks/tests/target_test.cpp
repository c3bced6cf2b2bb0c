#include "httvps/shadowsocks/target.hpp"

#include <gtest/gtest.h>

namespace httvps::shadowsocks {
namespace {

TEST(Target, RefusesEmptyAndOverlongNamesAndPortZero) {
  EXPECT_EQ(encoded_target::from({.host = std::string(), .port = 1}).error(),
            errc::malformed_target);
  EXPECT_EQ(encoded_target::from({.host = std::string(256, 'a'), .port = 1}).error(),
            errc::malformed_target);
  EXPECT_EQ(encoded_target::from({.host = ipv4_bytes{127, 0, 0, 1}, .port = 0}).error(),
            errc::malformed_target);
}

TEST(Target, LongestNameFillsTheLimit) {
  const auto encoded = encoded_target::from({.host = std::string(255, 'a'), .port = 1}).value();
  EXPECT_EQ(encoded.view().size(), max_encoded_target_size);
}

}
}
