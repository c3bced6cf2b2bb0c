#include "httvps/backend/schemas/amended.hpp"

#include <gtest/gtest.h>

#include <map>

#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {
namespace {

using user_change = user_change_request;

std::map<std::string, std::string> problems_of(std::string_view body) {
  std::map<std::string, std::string> codes;
  const auto document = read_document<user_change>(body);
  if (!document) {
    for (const auto& problem : document.error()) {
      codes[problem.pointer] = problem.code;
    }
  }
  return codes;
}

TEST(Amended, TellsAbsentNullAndValueApart) {
  const auto absent = read_document<user_change>("{}");
  ASSERT_TRUE(absent);
  EXPECT_FALSE(absent->name.given);
  EXPECT_FALSE(absent->email.given);
  const auto cleared = read_document<user_change>(R"({"email":null})");
  ASSERT_TRUE(cleared);
  ASSERT_TRUE(cleared->email.given);
  EXPECT_FALSE(cleared->email.given->has_value());
  const auto set = read_document<user_change>(R"({"name":"Ada","email":"ada@example.org"})");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->name.given->value, "Ada");
  EXPECT_EQ((*set->email.given)->value, "ada@example.org");
}

TEST(Amended, NamesNullOnAFieldThatMustStayAndWhatIsOutOfBounds) {
  using codes = std::map<std::string, std::string>;
  EXPECT_EQ(problems_of(R"({"name":null,"note":null})"), (codes{{"/name", "not_removable"}}));
  EXPECT_EQ(
      problems_of(R"({"name":"","email":7,"colour":"red"})"),
      (codes{{"/name", "too_short"}, {"/email", "wrong_type"}, {"/colour", "unknown_field"}}));
}

TEST(Amended, SchemaAllowsNullOnlyWhereItMayBeRemovedAndRequiresNothing) {
  component_set components;
  codec<user_change>::schema(components);
  const auto schema = components.take().at(user_change::schema_name.data()).as_object();
  EXPECT_TRUE(schema.at("required").as_array().empty());
  const auto& properties = schema.at("properties").as_object();
  EXPECT_EQ(properties.at("name").at("type").as_string(), "string");
  EXPECT_EQ(properties.at("email").at("anyOf").at(1).at("type").as_string(), "null");
}

}
}
