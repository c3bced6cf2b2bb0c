#include "httvps/outline/management_access.hpp"

#include <gtest/gtest.h>

#include <string>

namespace httvps::outline {
namespace {

const std::string digest(64, 'A');
const std::string url = "https://203.0.113.9:1024/3pQ4jf6qSr5WVeMO0XOo4z";

TEST(ManagementAccess, ReadsUrlAndDigest) {
  const auto access = parse_access(url + "/", digest);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->place, (net::endpoint{.host = "203.0.113.9", .port = 1024}));
  EXPECT_EQ(access->path.reveal_text(), "/3pQ4jf6qSr5WVeMO0XOo4z");
  EXPECT_EQ(access->certificate[31], 0xAA);
}

TEST(ManagementAccess, ReadsWhatTheInstallerPrintsAndKeeps) {
  const auto printed =
      parse_installer_text(R"({"apiUrl":")" + url + R"(","certSha256":")" + digest + R"("})");
  const auto kept = parse_installer_text("certSha256:" + digest + "\napiUrl:" + url + "\n");
  ASSERT_TRUE(printed);
  ASSERT_TRUE(kept);
  EXPECT_EQ(printed->place, kept->place);
  EXPECT_EQ(printed->path, kept->path);
}

TEST(ManagementAccess, RefusesWhatCannotBeRight) {
  for (const std::string& wrong :
       {std::string("http://203.0.113.9:1024/secret"), std::string("https://203.0.113.9/secret"),
        std::string("https://203.0.113.9:1024"), std::string("https://203.0.113.9:1024/"),
        std::string("https://203.0.113.9:1024/a b"), std::string("https://203.0.113.9:1024/a?b"),
        std::string("https://203.0.113.9:0/secret"), std::string("https://:1024/secret"),
        "https://203.0.113.9:1024/" + std::string(3000, 'x'), std::string()}) {
    EXPECT_EQ(parse_access(wrong, digest).error(), errc::access_invalid) << wrong;
  }
  for (const auto* wrong : {"", "AA", "zz"}) {
    EXPECT_EQ(parse_access(url, wrong).error(), errc::access_invalid);
  }
  EXPECT_EQ(parse_access(url, digest + "AA").error(), errc::access_invalid);
  for (const auto* wrong : {"", "{}", "[]", "apiUrl:", R"({"apiUrl":7,"certSha256":[]})"}) {
    EXPECT_EQ(parse_installer_text(wrong).error(), errc::access_invalid);
  }
  EXPECT_EQ(parse_installer_text(std::string(20000, ' ')).error(), errc::access_invalid);
}

}
}
