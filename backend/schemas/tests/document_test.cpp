#include "httvps/backend/schemas/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "httvps/backend/schemas/session_documents.hpp"

namespace httvps::backend::schemas {
namespace {

std::map<std::string, std::string> codes_by_pointer(const std::vector<field_problem>& problems) {
  std::map<std::string, std::string> codes;
  for (const auto& problem : problems) {
    codes[problem.pointer] = problem.code;
  }
  return codes;
}

template <typename Document>
std::map<std::string, std::string> problems_of(std::string_view body) {
  const auto document = read_document<Document>(body);
  return document ? std::map<std::string, std::string>{} : codes_by_pointer(document.error());
}

using codes = std::map<std::string, std::string>;

TEST(Document, ReportsEveryProblemInOnePass) {
  EXPECT_EQ(problems_of<plan_request>(
                R"({"code":"Bad Code","quota_bytes":-1,"reset":"never","device_limit":1.5,
                    "up_bps":"fast","regions":["eu",7],"colour":"red"})"),
            (codes{{"/code", "bad_format"},
                   {"/name", "required"},
                   {"/quota_bytes", "out_of_range"},
                   {"/reset", "not_one_of"},
                   {"/device_limit", "wrong_type"},
                   {"/up_bps", "wrong_type"},
                   {"/regions/1", "wrong_type"},
                   {"/colour", "unknown_field"}}));
}

TEST(Document, BoundsTextByCodePoints) {
  const std::string longest(63, 'a');
  EXPECT_EQ(problems_of<user_request>("{\"name\":\"" + longest + "é\"}"), codes{});
  EXPECT_EQ(problems_of<user_request>("{\"name\":\"" + longest + "éb\"}"),
            (codes{{"/name", "too_long"}}));
  EXPECT_EQ(problems_of<user_request>(R"({"name":""})"), (codes{{"/name", "too_short"}}));
  EXPECT_EQ(problems_of<user_request>("{\"name\":\"a\\u0007b\"}"),
            (codes{{"/name", "bad_format"}}));
}

TEST(Document, BoundsWholeNumbersToSixtyThreeBits) {
  const auto with = [](std::string_view seq) {
    return problems_of<usage_report_request>(R"({"epoch":"00","rows":[],"seq":)" +
                                             std::string(seq) + "}");
  };
  EXPECT_EQ(with("9223372036854775807"), codes{});
  EXPECT_EQ(with("9223372036854775808"), (codes{{"/seq", "out_of_range"}}));
  EXPECT_EQ(with("99999999999999999999999"), (codes{{"/seq", "out_of_range"}}));
  EXPECT_EQ(with("0"), (codes{{"/seq", "out_of_range"}}));
  EXPECT_EQ(with("1.0"), codes{});
  EXPECT_EQ(with("4397603788891950.0"), codes{});
  EXPECT_EQ(with("4397603788891950.5"), (codes{{"/seq", "wrong_type"}}));
  EXPECT_EQ(with("1e300"), (codes{{"/seq", "out_of_range"}}));
  EXPECT_EQ(with("9007199254740994.0"), (codes{{"/seq", "out_of_range"}}));
  EXPECT_EQ(with("1.5"), (codes{{"/seq", "wrong_type"}}));
}

TEST(Document, RefusesTooManyRows) {
  std::string rows;
  for (int i = 0; i < 5001; ++i) {
    rows += "0,";
  }
  rows.pop_back();
  EXPECT_EQ(problems_of<usage_report_request>(R"({"epoch":"00","seq":1,"rows":[)" + rows + "]}"),
            (codes{{"/rows", "too_many"}}));
}

TEST(Document, StopsListingAfterTheLimit) {
  std::string rows;
  for (int i = 0; i < 100; ++i) {
    rows += "0,";
  }
  rows.pop_back();
  const auto document =
      read_document<usage_report_request>(R"({"epoch":"00","seq":1,"rows":[)" + rows + "]}");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().size(), most_problems);
}

TEST(Document, OptionalFieldsMayBeMissingOrNull) {
  const auto absent = read_document<user_request>(R"({"name":"Ada"})");
  const auto null = read_document<user_request>(R"({"name":"Ada","email":null})");
  ASSERT_TRUE(absent);
  ASSERT_TRUE(null);
  EXPECT_FALSE(absent->email);
  EXPECT_FALSE(null->email);
}

TEST(Document, EscapesPointersAndBoundsThem) {
  const auto document = read_document<user_request>("{\"name\":\"a\",\"x/y~z\":1,\"" +
                                                    std::string(500, 'k') + "\":1}");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error()[0].pointer, "/x~1y~0z");
  EXPECT_EQ(document.error()[1].pointer.size(), longest_pointer);
}

TEST(Document, ChoosesTheShapeOfAVariant) {
  const auto denied =
      read_document<validate_answer>(R"({"allow":false,"code":"device_revoked","sentence":"x"})");
  ASSERT_TRUE(denied);
  EXPECT_TRUE(std::holds_alternative<device_denied>(*denied));
  EXPECT_EQ(problems_of<validate_answer>(R"({"allow":true})"), (codes{{"", "not_one_of"}}));
}

TEST(Document, WritesWhatItReads) {
  const std::string body =
      R"({"n":7,"node_id":"node_01m1m1m1m1e00000000000000a","up":1,"down":2,"token":null,"final":null})";
  const auto row = read_document<usage_report_row>(body);
  ASSERT_TRUE(row);
  EXPECT_EQ(write_document(*row), body);
}

TEST(Document, SecretsAreReadWithoutBlanksAndControls) {
  EXPECT_EQ(
      problems_of<node_request>(R"({"name":"n","region":"eu","access_key":"ss://abc def@host:1"})"),
      (codes{{"/access_key", "bad_format"}}));
}

TEST(Document, SchemaNamesBoundsRequiredFieldsAndComponents) {
  component_set components;
  const auto reference = codec<usage_report_request>::schema(components);
  const auto schemas = components.take();
  EXPECT_EQ(reference.at("$ref").as_string(), "#/components/schemas/UsageReportRequest");
  const auto& request = schemas.at("UsageReportRequest").as_object();
  EXPECT_EQ(request.at("required").as_array().size(), 3U);
  EXPECT_FALSE(request.at("additionalProperties").as_bool());
  const auto& rows = request.at("properties").as_object().at("rows").as_object();
  EXPECT_EQ(rows.at("maxItems").to_number<int>(), 5000);
  EXPECT_EQ(rows.at("items").as_object().at("$ref").as_string(),
            "#/components/schemas/UsageReportRow");
  const auto& row = schemas.at("UsageReportRow").as_object();
  EXPECT_EQ(row.at("required").as_array().size(), 4U);
  EXPECT_EQ(boost::json::serialize(row.at("properties").as_object().at("up")),
            R"({"type":"integer","minimum":0,"maximum":9223372036854775807})");
}

RC_GTEST_PROP(Document, NeverCrashesOnArbitraryBytes, (const std::string& body)) {
  const auto document = read_document<join_request>(body);
  RC_ASSERT((document.has_value() || !document.error().empty()));
}

}
}
