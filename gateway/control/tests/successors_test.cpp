#include "httvps/gateway/control/successors.hpp"

#include <gtest/gtest.h>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

TEST(Successors, AreAskedByDevice) {
  EXPECT_EQ(encode_successors({"dev_a", "dev_b"}), R"({"devices":["dev_a","dev_b"]})");
}

TEST(Successors, AreReadByDevice) {
  const auto told = decode_successors(
      R"({"items":[{"device_id":"dev_a","gateways":["gw_1","gw_2"]},{"device_id":"dev_b","gateways":[]}]})");
  ASSERT_TRUE(told);
  ASSERT_EQ(told->size(), 2U);
  EXPECT_EQ((*told)[0].device_id, "dev_a");
  EXPECT_EQ((*told)[0].gateways, (std::vector<std::string>{"gw_1", "gw_2"}));
  EXPECT_TRUE((*told)[1].gateways.empty());
}

TEST(Successors, MoreThanADeviceMayHaveAreRefused) {
  std::string many = "\"gw\"";
  for (int i = 0; i < 16; ++i) {
    many += ",\"gw\"";
  }
  for (const auto& body :
       {std::string("{}"), std::string(R"({"items":{}})"), std::string(R"({"items":[7]})"),
        std::string(R"({"items":[{"gateways":[]}]})"),
        R"({"items":[{"device_id":"d","gateways":[)" + many + "]}]}"}) {
    EXPECT_EQ(decode_successors(body).error(), control_errc::backend_answer_invalid) << body;
  }
}

}
}
