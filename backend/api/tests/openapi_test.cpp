#include "openapi.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "httvps/backend/schemas/session_documents.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

struct filter_query {
  static constexpr std::string_view schema_name = "FilterQuery";

  std::optional<schemas::small_count> most;
};
BOOST_DESCRIBE_STRUCT(filter_query, (), (most))

boost::json::object describe() {
  route_table table;
  table.add(with_body<schemas::validate_request, schemas::validate_answer>(
      {.method = "POST",
       .pattern = "/check/{id}",
       .operation = "check",
       .summary = "Checks.",
       .wanted = access::gateway},
      [](call&, const schemas::validate_request&) -> answer<schemas::validate_answer> {
        return std::unexpected(problems::server_busy());
      }));
  table.add(with_query<filter_query, schemas::device_policy>(
      {.method = "GET", .pattern = "/list", .operation = "list", .wanted = access::device},
      [](call&, const filter_query&) -> answer<schemas::device_policy> {
        return schemas::device_policy{};
      }));
  return boost::json::parse(openapi_document(table)).as_object();
}

TEST(Openapi, HasRequestAnswerProblemAndSecurityOfEveryRoute) {
  const auto document = describe();
  const auto& operation = document.at("paths").at("/check/{id}").at("post");
  EXPECT_EQ(operation.at("operationId").as_string(), "check");
  EXPECT_EQ(operation.at("parameters").at(0).at("in").as_string(), "path");
  EXPECT_EQ(operation.at("requestBody")
                .at("content")
                .at("application/json")
                .at("schema")
                .at("$ref")
                .as_string(),
            "#/components/schemas/ValidateDeviceRequest");
  EXPECT_EQ(operation.at("responses")
                .at("200")
                .at("content")
                .at("application/json")
                .at("schema")
                .at("oneOf")
                .as_array()
                .size(),
            2U);
  const auto& responses = operation.at("responses").as_object();
  for (const auto* status : {"400", "401", "403", "404", "409", "415", "422", "503"}) {
    EXPECT_TRUE(responses.contains(status)) << status;
  }
  EXPECT_FALSE(responses.contains("default"));
  EXPECT_FALSE(responses.contains("429"));
  EXPECT_TRUE(operation.at("security").at(0).as_object().contains("gatewayCredential"));
}

TEST(Openapi, TurnsAQueryDeclarationIntoParameters) {
  const auto document = describe();
  const auto& operation = document.at("paths").at("/list").at("get");
  EXPECT_EQ(operation.at("parameters").at(0).at("name").as_string(), "most");
  EXPECT_EQ(operation.at("parameters").at(0).at("in").as_string(), "query");
  EXPECT_FALSE(document.at("components").at("schemas").as_object().contains("FilterQuery"));
}

void expect_references(const boost::json::value& value, const boost::json::object& components) {
  if (const auto* object = value.if_object()) {
    if (const auto* reference = object->if_contains("$ref")) {
      const std::string text(reference->as_string());
      const auto kind = text.substr(13, text.rfind('/') - 13);
      const auto& known = components.at(kind).as_object();
      EXPECT_TRUE(known.contains(text.substr(text.rfind('/') + 1))) << text;
    }
    for (const auto& member : *object) {
      expect_references(member.value(), components);
    }
  } else if (const auto* list = value.if_array()) {
    for (const auto& item : *list) {
      expect_references(item, components);
    }
  }
}

TEST(Openapi, EveryReferenceLeadsSomewhere) {
  const auto document = describe();
  expect_references(document, document.at("components").as_object());
}

}
}
