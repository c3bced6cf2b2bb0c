#include "httvps/backend/services/totp.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::services {
namespace {

const auto rfc_secret = base::secret_bytes::from_text("12345678901234567890");

struct vector {
  std::int64_t seconds;
  std::string_view code;
};

TEST(Totp, HasTheCodesOfRfc6238) {
  for (const auto& [seconds, code] :
       {vector{59, "94287082"}, vector{1111111109, "07081804"}, vector{1111111111, "14050471"},
        vector{1234567890, "89005924"}, vector{2000000000, "69279037"},
        vector{20000000000, "65353130"}}) {
    const auto step = seconds / totp_period.count();
    EXPECT_EQ(totp_code(rfc_secret, step, 8), code) << seconds;
    EXPECT_EQ(totp_code(rfc_secret, step), code.substr(2)) << seconds;
  }
}

TEST(Totp, StepIsHalfAMinuteSinceTheEpoch) {
  EXPECT_EQ(totp_step_at(base::from_unix_seconds(59)), 1);
  EXPECT_EQ(totp_step_at(base::from_unix_seconds(60)), 2);
}

TEST(Totp, Base32HasTheVectorsOfRfc4648WithoutPadding) {
  const auto encoded = [](std::string_view text) { return to_base32(base::as_bytes(text)); };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "MY");
  EXPECT_EQ(encoded("foo"), "MZXW6");
  EXPECT_EQ(encoded("foob"), "MZXW6YQ");
  EXPECT_EQ(encoded("fooba"), "MZXW6YTB");
  EXPECT_EQ(encoded("foobar"), "MZXW6YTBOI");
}

TEST(Totp, TakesOneStepOfClockSkewAndNoStepTwice) {
  const auto now = base::from_unix_seconds(1'800'000'000);
  const auto step = totp_step_at(now);
  const auto match = [&](std::int64_t of, std::int64_t last) {
    return matching_totp_step(rfc_secret,
                              {.code = totp_code(rfc_secret, of), .now = now, .last_step = last});
  };
  EXPECT_EQ(match(step, 0), step);
  EXPECT_EQ(match(step - 1, 0), step - 1);
  EXPECT_EQ(match(step + 1, 0), step + 1);
  EXPECT_FALSE(match(step - 2, 0));
  EXPECT_FALSE(match(step + 2, 0));
  EXPECT_FALSE(match(step, step));
  EXPECT_FALSE(match(step - 1, step));
  EXPECT_FALSE(matching_totp_step(rfc_secret, {.code = "", .now = now}));
}

}
}
