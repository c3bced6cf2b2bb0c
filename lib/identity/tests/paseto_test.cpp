#include "httvps/identity/paseto.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/identity/errc.hpp"
#include "vector_file.hpp"

namespace httvps::identity {
namespace {

signing_key fixed_key(std::uint64_t seed) {
  base::seeded_random random(seed);
  return signing_key::generate(random);
}

std::string encode_pieces(std::initializer_list<std::string_view> pieces) {
  return base::to_hex(pre_authentication_encode({pieces.begin(), pieces.size()}));
}

paseto_content content_of(const boost::json::value& test) {
  return {.payload = test.at("payload").as_string().c_str(),
          .footer = test.at("footer").as_string().c_str(),
          .implicit_assertion = test.at("implicit_assertion").as_string().c_str()};
}

TEST(Paseto, EncodesPiecesAsTheSpecificationShows) {
  EXPECT_EQ(encode_pieces({}), "0000000000000000");
  EXPECT_EQ(encode_pieces({""}), "01000000000000000000000000000000");
  EXPECT_EQ(encode_pieces({"test"}), "0100000000000000040000000000000074657374");
}

TEST(Paseto, SignsTheOfficialVectorsByteForByte) {
  const auto file = read_vectors("paseto_v4_public.json");
  const auto key = key_from_hex(file.at("seed"));
  EXPECT_EQ(base::to_hex(key.public_part().bytes), text_of(file.at("public")));
  ASSERT_EQ(file.at("tests").as_array().size(), 3U);
  for (const auto& test : file.at("tests").as_array()) {
    EXPECT_EQ(sign_paseto(key, content_of(test)), text_of(test.at("token"))) << test.at("name");
  }
}

TEST(Paseto, VerifiesTheOfficialVectors) {
  const auto file = read_vectors("paseto_v4_public.json");
  const auto key = public_key::from_bytes(bytes_of(file.at("public"))).value();
  for (const auto& test : file.at("tests").as_array()) {
    const auto parsed = parse_paseto(text_of(test.at("token")));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->payload, text_of(test.at("payload")));
    EXPECT_EQ(parsed->footer, text_of(test.at("footer")));
    EXPECT_TRUE(verify_paseto(*parsed, key, content_of(test).implicit_assertion).has_value());
    EXPECT_EQ(verify_paseto(*parsed, key, "another").error(), errc::signature_invalid);
  }
}

TEST(Paseto, RefusesWhatIsNotATokenOfThisVersionAndPurpose) {
  const std::string whole = sign_paseto(fixed_key(1), {.payload = "{}", .footer = "f"});
  const std::string body = whole.substr(paseto_header.size());
  for (const std::string& wrong :
       {std::string(), std::string("v4.public."), "v3.public." + body, "v4.local." + body,
        "V4.public." + body, whole + ".", whole + ".Zg", " " + whole, whole + " ", whole + "=",
        whole.substr(0, whole.find_last_of('.') + 1)}) {
    EXPECT_EQ(parse_paseto(wrong).error(), errc::token_invalid) << wrong;
  }
}

TEST(Paseto, RefusesATokenAboveTheLimit) {
  const std::string payload(paseto_limit, 'x');
  const auto token = sign_paseto(fixed_key(1), {.payload = payload});
  EXPECT_EQ(parse_paseto(token).error(), errc::too_long);
  EXPECT_EQ(parse_paseto(token, token.size())->payload, payload);
}

RC_GTEST_PROP(Paseto, VerifiesWhatItSigned, (std::string payload, std::string footer)) {
  RC_PRE(payload.size() + footer.size() < 4000);
  const auto key = fixed_key(2);
  const paseto_content content{.payload = payload, .footer = footer, .implicit_assertion = "it"};
  const auto parsed = parse_paseto(sign_paseto(key, content));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((parsed->payload == payload && parsed->footer == footer));
  RC_ASSERT(verify_paseto(*parsed, key.public_part(), "it").has_value());
  RC_ASSERT(!verify_paseto(*parsed, fixed_key(3).public_part(), "it").has_value());
}

RC_GTEST_PROP(Paseto, NoChangedLetterSurvivesVerification, (std::string payload)) {
  RC_PRE(payload.size() < 1000);
  const auto key = fixed_key(4);
  auto token = sign_paseto(key, {.payload = payload, .footer = "kid"});
  const auto place = *rc::gen::inRange<std::size_t>(0, token.size());
  const auto letter = *rc::gen::inRange<char>('!', '~');
  RC_PRE(token[place] != letter);
  token[place] = letter;
  const auto parsed = parse_paseto(token);
  RC_ASSERT((!parsed || !verify_paseto(*parsed, key.public_part(), "")));
}

RC_GTEST_PROP(Paseto, NoTruncatedTokenSurvivesVerification, (std::string payload)) {
  RC_PRE(payload.size() < 1000);
  const auto key = fixed_key(5);
  const auto token = sign_paseto(key, {.payload = payload, .footer = "kid"});
  const auto kept = *rc::gen::inRange<std::size_t>(0, token.size());
  const auto parsed = parse_paseto(std::string_view(token).substr(0, kept));
  RC_ASSERT((!parsed || !verify_paseto(*parsed, key.public_part(), "")));
}

}
}
