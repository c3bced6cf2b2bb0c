#include "httvps/gateway/protocol/builtin_site.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

const base::system_time moment = base::from_unix_seconds(1'800'000'000);

TEST(BuiltInSite, ServesItsPagesWithTheirLength) {
  const auto answer = answer_from_site({.method = "GET", .target = "/?from=search"}, moment);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("Content-Length"), std::to_string(answer.body.size()));
  EXPECT_NE(answer.body.find("<title>"), std::string::npos);
  EXPECT_EQ(answer.headers.find("Date"), "Fri, 15 Jan 2027 08:00:00 GMT");
}

TEST(BuiltInSite, HeadHasTheHeadersOfGetAndNoBody) {
  const auto get = answer_from_site({.method = "GET", .target = "/style.css"}, moment);
  const auto head = answer_from_site({.method = "HEAD", .target = "/style.css"}, moment);
  EXPECT_TRUE(head.body.empty());
  EXPECT_EQ(head.headers.find("Content-Length"), get.headers.find("Content-Length"));
}

TEST(BuiltInSite, UnknownPathsAndMethodsGetOrdinaryErrorPages) {
  EXPECT_EQ(answer_from_site({.method = "GET", .target = "/nothing"}, moment).status, 404);
  EXPECT_EQ(answer_from_site({.method = "POST", .target = "/"}, moment).status, 405);
  EXPECT_EQ(bad_request_page(moment).status, 400);
}

TEST(BuiltInSite, AMethodThatIsNotAllowedIsNamedAsNginxNamesIt) {
  const auto answer = answer_from_site({.method = "POST", .target = "/"}, moment);
  EXPECT_TRUE(net::serialise(answer).starts_with("HTTP/1.1 405 Not Allowed\r\n"));
  EXPECT_EQ(answer.body.size(), 150U);
}

TEST(BuiltInSite, NeverNamesItself) {
  for (const auto* target : {"/", "/prices.html", "/style.css", "/missing"}) {
    const auto answer = answer_from_site({.method = "GET", .target = target}, moment);
    EXPECT_EQ(net::serialise(answer).find("httvps"), std::string::npos);
  }
}

}
}
