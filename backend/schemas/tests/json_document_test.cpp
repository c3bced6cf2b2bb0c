#include "httvps/backend/schemas/json_document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace httvps::backend::schemas {
namespace {

std::string first_code(std::string_view text) {
  const auto document = parse_document(text);
  return document ? "accepted" : document.error().front().code;
}

TEST(JsonDocument, AcceptsPlainDocumentsWithSpaceAround) {
  EXPECT_EQ(first_code(" {\"a\":[1,{\"b\":null}],\"c\":\"x\"} \n"), "accepted");
  EXPECT_EQ(first_code("[]"), "accepted");
}

TEST(JsonDocument, RefusesWhatIsNotOneDocument) {
  EXPECT_EQ(first_code(""), "not_json");
  EXPECT_EQ(first_code("{"), "not_json");
  EXPECT_EQ(first_code("{} {}"), "not_json");
  EXPECT_EQ(first_code("{\"a\":1,}"), "not_json");
  EXPECT_EQ(first_code("{\"a\":\"\xff\"}"), "not_json");
  EXPECT_EQ(first_code("{/*x*/}"), "not_json");
}

TEST(JsonDocument, NamesEveryDuplicateWithItsPointer) {
  const auto document = parse_document(R"({"a":1,"b":[{"c":1},{"c":1,"c":2}],"a":2})");
  ASSERT_FALSE(document);
  ASSERT_EQ(document.error().size(), 2U);
  EXPECT_EQ(document.error()[0].pointer, "/b/1/c");
  EXPECT_EQ(document.error()[1].pointer, "/a");
  EXPECT_EQ(document.error()[1].code, "duplicate_field");
}

TEST(JsonDocument, CutsALongPointerBetweenLetters) {
  std::string name;
  for (int i = 0; i < 100; ++i) {
    name += "\xc3\xa9";
  }
  const auto document = parse_document("{\"" + name + "\":1,\"" + name + "\":2}");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().front().pointer, "/" + name.substr(0, longest_pointer - 2));
}

TEST(JsonDocument, FindsDuplicatesBehindEscapes) {
  EXPECT_EQ(first_code("{\"ab\":1,\"a\\u0062\":2}"), "duplicate_field");
}

TEST(JsonDocument, BoundsDepthAndMembers) {
  const std::string deep = std::string(8, '[') + std::string(8, ']');
  EXPECT_EQ(first_code(deep), "accepted");
  EXPECT_EQ(first_code("[" + deep + "]"), "too_deep");
  std::string wide = "{";
  for (int i = 0; i < 65; ++i) {
    wide += "\"k" + std::to_string(i) + "\":0,";
  }
  wide.back() = '}';
  EXPECT_EQ(first_code(wide), "too_many_fields");
}

}
}
