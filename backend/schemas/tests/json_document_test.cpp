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

TEST(JsonDocument, ReadsEachFractionAsTheNearestDouble) {
  const auto document = parse_document(
      R"([0.1,2,{"x":4397603788891950.0,"y":[-0.0,4503599627370495.5]},1e22,9007199254740991.0])");
  ASSERT_TRUE(document);
  const auto& items = document->as_array();
  EXPECT_EQ(items.at(0).as_double(), 0.1);
  EXPECT_EQ(items.at(1).as_int64(), 2);
  EXPECT_EQ(items.at(2).at("x").as_double(), 4397603788891950.0);
  EXPECT_EQ(items.at(2).at("y").at(0).as_double(), 0.0);
  EXPECT_EQ(items.at(2).at("y").at(1).as_double(), 4503599627370495.5);
  EXPECT_EQ(items.at(3).as_double(), 1e22);
  EXPECT_EQ(items.at(4).as_double(), 9007199254740991.0);
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
