#include "documents.hpp"

#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/outline/errc.hpp"

namespace httvps::outline {
namespace {

constexpr const char* key_text =
    R"({"id":"0","name":"","password":"XxXxXx","port":9795,"method":"chacha20-ietf-poly1305",)"
    R"("accessUrl":"ss://x@y:1/?outline=1","dataLimit":{"bytes":5}})";

TEST(OutlineDocuments, AWishNamesOnlyWhatIsWished) {
  EXPECT_EQ(encode_wish({}).value(), "{}");
  EXPECT_EQ(encode_wish({.name = "n", .data_limit = 0}).value(),
            R"({"name":"n","limit":{"bytes":0}})");
}

TEST(OutlineDocuments, ConflictsAreToldApart) {
  const auto of = [](const char* body) { return refusal_of(409, body); };
  EXPECT_EQ(of(R"({"code":"InvalidArgument","message":"name"})"), errc::argument_refused);
  EXPECT_EQ(of(R"({"code":"Conflict","message":"8080"})"), errc::port_in_use);
  EXPECT_EQ(of(R"({"code":"Conflict","message":"Port is taken"})"), errc::port_in_use);
  EXPECT_EQ(of(R"({"code":"Conflict","message":"Access key with password taken"})"),
            errc::password_in_use);
  EXPECT_EQ(of(R"({"code":"Conflict","message":"Access key \"a\" conflict"})"), errc::key_exists);
  EXPECT_EQ(of(R"({"code":"Conflict","message":""})"), errc::conflict);
  EXPECT_EQ(of("not json"), errc::conflict);
}

TEST(OutlineDocuments, StatusesAreToldApart) {
  EXPECT_EQ(refusal_of(404, R"({"code":"NotFoundError"})"), errc::key_not_found);
  EXPECT_EQ(refusal_of(404, R"({"code":"NotFound"})"), errc::key_not_found);
  EXPECT_EQ(refusal_of(404, R"({"code":"ResourceNotFound"})"), errc::access_refused);
  EXPECT_EQ(refusal_of(404, ""), errc::access_refused);
  EXPECT_EQ(refusal_of(400, ""), errc::argument_refused);
  EXPECT_EQ(refusal_of(599, ""), errc::server_failed);
  EXPECT_EQ(refusal_of(200, ""), errc::answer_unexpected);
  EXPECT_EQ(refusal_of(302, ""), errc::answer_unexpected);
}

TEST(OutlineDocuments, KeysMustBeWhole) {
  EXPECT_EQ(decode_key(key_text)->port, 9795);
  for (const auto* wrong :
       {R"({"id":"","password":"p","port":1,"method":"m"})",
        R"({"id":"0","password":"","port":1,"method":"m"})",
        R"({"id":"0","password":"p","port":0,"method":"m"})",
        R"({"id":"0","password":"p","port":65536,"method":"m"})",
        R"({"id":"0","password":"p","port":-1,"method":"m"})",
        R"({"id":"0","password":"p","port":1})", R"({"id":0,"password":"p","port":1,"method":"m"})",
        R"({"id":"0","password":"p","port":1,"method":"m","dataLimit":7})",
        R"({"id":"0","password":"p","port":1,"method":"m","dataLimit":{"bytes":-1}})"}) {
    EXPECT_EQ(decode_key(wrong).error(), errc::answer_malformed) << wrong;
  }
}

TEST(OutlineDocuments, SurviveDamageAnywhere) {
  const std::string text = std::string(R"({"accessKeys":[)") + key_text + "]}";
  base::seeded_random random(3);
  for (int round = 0; round < 20000; ++round) {
    auto damaged = text;
    damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    const auto keys = decode_keys(damaged);
    if (!keys) {
      EXPECT_EQ(keys.error(), errc::answer_malformed);
    }
    EXPECT_FALSE(decode_keys(text.substr(0, random.below(text.size()))));
  }
}

}
}
