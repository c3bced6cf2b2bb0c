#include "httvps/gateway/auth/recognition_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "httvps/gateway/auth/auth_errc.hpp"
#include "httvps/identity/errc.hpp"
#include "knocking_site.hpp"

namespace httvps::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RecognitionProbe, CountsEachOutcomeUnderItsLabel) {
  base::metric_registry registry;
  recognition_probe probe(registry);
  probe.count(not_ours{auth_errc::other_path});
  probe.count(not_ours{auth_errc::other_path});
  probe.count(not_ours{identity::errc::proof_invalid});
  probe.count(device_carrier{.claims = {}, .token = {}, .grace = token_grace::offline});
  probe.count(control_carrier{.holder = ticket_admission{}, .token = {}});
  probe.count(control_carrier{.holder = identity::access_claims{}, .token = {}});
  const auto page = registry.expose();
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_refused_total{reason=\"other_path\"} 2"));
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_refused_total{reason=\"proof_invalid\"} 1"));
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_recognised_total{kind=\"device\"} 0"));
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_recognised_total{kind=\"device_offline\"} 1"));
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_recognised_total{kind=\"control_ticket\"} 1"));
  EXPECT_THAT(page, HasSubstr("httvps_gateway_auth_recognised_total{kind=\"control_renewal\"} 1"));
}

TEST(RecognitionProbe, UnlistedReasonsShareOneSeries) {
  base::metric_registry registry;
  recognition_probe probe(registry);
  probe.count(not_ours{std::make_error_code(std::errc::io_error)});
  EXPECT_THAT(registry.expose(),
              HasSubstr("httvps_gateway_auth_refused_total{reason=\"other\"} 1"));
}

TEST(RecognitionProbe, NeverNamesADevice) {
  const knocking_site site;
  base::metric_registry registry;
  recognition_probe probe(registry);
  const auto cookie = site.access_cookie(connection(1));
  probe.count(site.door.recognize(site.upgrade_with(cookie), connection(1), site.moment()));
  EXPECT_THAT(registry.expose(), Not(HasSubstr("dev_one")));
}

TEST(AuthErrors, EachHasItsOwnLabel) {
  EXPECT_EQ(auth_errors().entries().size(), static_cast<std::size_t>(auth_errc::revocations_full));
  EXPECT_EQ(base::label_of(auth_errc::several_knocks), "several_knocks");
}

}
}
