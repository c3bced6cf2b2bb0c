#include "httvps/identity/enrolment_link.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

TEST(EnrolmentLink, ComesBackAsItWasBuilt) {
  const deployment site;
  const auto text = build_enrolment_link(site.link()).value();
  EXPECT_TRUE(text.starts_with("httvps://www.example.com:443/#"));
  EXPECT_EQ(parse_enrolment_link(text), site.link());
}

TEST(EnrolmentLink, VerifiesToTheSignedPartsAndNotToTheShownAddress) {
  const deployment site;
  auto link = site.link();
  link.shown_address = "evil.example.net:443";
  const auto verified = verify_enrolment_link(link, test_now);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->config, site.config());
  EXPECT_EQ(verified->ticket, site.ticket());
  EXPECT_EQ(verified->keys.version(), 1U);
}

TEST(EnrolmentLink, RefusesAConfigurationOfSeveralGateways) {
  const deployment site;
  auto claims = site.config();
  claims.gateways.push_back(claims.gateways.front());
  claims.gateways.back().id = "gw_two";
  auto link = site.link();
  link.config = sign_document(site.signer, claims).value();
  EXPECT_EQ(verify_enrolment_link(link, test_now).error(), errc::link_invalid);
}

TEST(EnrolmentLink, RefusesAnAddressThatWouldBreakTheLink) {
  const deployment site;
  for (const std::string& address :
       {std::string(), std::string("a"), std::string("a/b:1"), std::string("a#b:1"),
        std::string("a b:1"), std::string(261, 'a')}) {
    auto link = site.link();
    link.shown_address = address;
    EXPECT_EQ(build_enrolment_link(link).error(), errc::link_invalid) << address;
  }
}

TEST(EnrolmentLink, RefusesToBuildMoreThanItsLimit) {
  const deployment site;
  auto link = site.link();
  link.config = std::string(8000, 'c');
  EXPECT_EQ(build_enrolment_link(link).error(), errc::too_long);
}

TEST(EnrolmentLink, RefusesDuplicateMembers) {
  const deployment site;
  const auto text = build_enrolment_link(site.link()).value();
  const auto start = text.find('#') + 1;
  auto json = std::string(base::as_text(base::from_base64url(text.substr(start)).value()));
  json.insert(json.size() - 1, R"(,"ticket":"v4.public.x")");
  const auto doubled = text.substr(0, start) + base::to_base64url(base::as_bytes(json));
  EXPECT_EQ(parse_enrolment_link(doubled).error(), errc::link_invalid);
}

RC_GTEST_PROP(EnrolmentLink, AnyTextIsParsedOrNamed, (std::string text)) {
  const auto parsed = parse_enrolment_link("httvps://host:1/#" + text);
  RC_ASSERT((!parsed && parsed.error() == errc::link_invalid));
}

}
}
