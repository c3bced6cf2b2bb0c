#include "httvps/identity/device_proof.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

using std::chrono::seconds;

constexpr request_to_prove renewal{.method = "POST", .path = "/api/v1/devices/token", .body = {}};

std::string proof_at(const deployment& site, base::system_time now) {
  const auto token = site.access_token();
  return build_device_proof(renewal, {.token = token, .device = site.device, .now = now}).value();
}

TEST(DeviceProof, ProvesTheRequestItWasMadeFor) {
  const deployment site;
  const auto access =
      verify_device_proof(proof_at(site, test_now), renewal, {.document = site.check()});
  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->claims, site.access());
}

TEST(DeviceProof, SkewIsTheCallersChoice) {
  const deployment site;
  const auto header = proof_at(site, test_now - seconds(6));
  EXPECT_TRUE(
      verify_device_proof(header, renewal, {.document = site.check(), .max_skew = seconds(6)})
          .has_value());
  EXPECT_EQ(verify_device_proof(header, renewal, {.document = site.check(), .max_skew = seconds(5)})
                .error(),
            errc::proof_expired);
}

TEST(DeviceProof, RefusesToBuildMoreThanItsLimit) {
  const deployment site;
  const std::string token(4096, 'x');
  EXPECT_EQ(
      build_device_proof(renewal, {.token = token, .device = site.device, .now = test_now}).error(),
      errc::too_long);
}

RC_GTEST_PROP(DeviceProof, AnyTextIsParsedOrNamed, (std::string text)) {
  const auto parsed = parse_device_proof("HTTVPS-Device " + text);
  RC_ASSERT((parsed.has_value() || parsed.error() == errc::proof_invalid));
}

}
}
