#include "output.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "run_operation.hpp"

namespace httvps::ctl {
namespace {

class CtlOutput : public ::testing::Test {
 protected:
  void SetUp() override { use_utf8(); }
};

TEST_F(CtlOutput, ListIsATableWithColumnsAlignedByWhatIsSeen) {
  const auto page = json::parse(
      R"({"items":[{"id":"1","name":"Åsa"},{"id":"22","name":"日本"}],"next_page_token":""})");
  EXPECT_EQ(to_table(page), "ID  NAME\n1   Åsa\n22  日本");
  EXPECT_EQ(width_of("日本"), 4U);
}

TEST_F(CtlOutput, ColumnsThatAreAlwaysEmptyAndHashesAreLeftOut) {
  const auto page = json::parse(R"({"items":[{"id":"1","note":"","email":null,"hash":"ff"}]})");
  EXPECT_EQ(to_table(page), "ID\n1");
}

TEST_F(CtlOutput, ControlCharactersOfTheServerDoNotReachTheTerminal) {
  const auto page = json::parse("{\"name\":\"a\\u001b[31mb\\u009bc\\u007f\\n\"}");
  const auto table = to_table(page);
  EXPECT_EQ(table, "name  a\\x1b[31mb\\u009bc\\x7f\\x0a");
  const auto text = safe_json(to_pretty_json(page));
  EXPECT_EQ(text.find('\x7f'), std::string::npos);
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
  EXPECT_EQ(json::parse(text), page);
}

TEST_F(CtlOutput, NestedObjectsAndListsOfObjectsAreShown) {
  const auto value = json::parse(R"({"node":{"id":"n"},"ids":["a","b"],"rows":[{"x":1},{"x":2}]})");
  EXPECT_EQ(to_table(value), "node.id  n\nids      a,b\n\nrows:\nX\n1\n2");
}

TEST_F(CtlOutput, YamlQuotesTextsAndNothingElse) {
  const auto value = json::parse(
      R"({"no":"yes","count":12,"text":"12","none":null,"list":["a: b",true],"empty":[],"of":{}})");
  EXPECT_EQ(to_yaml(value),
            "\"no\": \"yes\"\ncount: 12\ntext: \"12\"\nnone: null\nlist:\n- \"a: b\"\n- true\n"
            "empty: []\nof: {}\n");
}

TEST_F(CtlOutput, PrettyJsonKeepsTheOrderOfMembers) {
  EXPECT_EQ(to_pretty_json(json::parse(R"({"b":[1,{"a":[]}],"a":{}})")),
            "{\n  \"b\": [\n    1,\n    {\n      \"a\": []\n    }\n  ],\n  \"a\": {}\n}");
}

TEST_F(CtlOutput, TextThatIsNoUtf8IsShownByItsBytes) {
  EXPECT_EQ(printable("a\xff"), "a\\xff");
}

}
}
