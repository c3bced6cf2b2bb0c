#include "command.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "program.hpp"

namespace httvps::ctl {
namespace {

using method_and_path = std::pair<std::string, std::string>;

std::set<method_and_path> admin_operations_of(std::string_view document) {
  const auto parsed = json::parse({document.data(), document.size()});
  std::set<method_and_path> all;
  for (const auto& path : parsed.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      const auto* role = method.value().as_object().if_contains("x-required-role");
      if (role != nullptr || std::string(path.key()).starts_with(admin_area)) {
        std::string upper(method.key());
        std::ranges::transform(upper, upper.begin(), ::toupper);
        all.emplace(upper, path.key());
      }
    }
  }
  return all;
}

command_tree embedded_tree() {
  return derive_commands(read_operations(embedded_document()).value()).value();
}

operation make_operation(std::string method, std::string path) {
  return {.id = "x",
          .method = std::move(method),
          .path = std::move(path),
          .summary = {},
          .role = {},
          .path_names = {},
          .query = {},
          .body = {}};
}

std::string name_of(std::string method, std::string path) {
  const auto made = to_command(make_operation(std::move(method), std::move(path)));
  return made.group + " " + made.verb;
}

TEST(CtlCommands, EveryAdminOperationHasOneCommandAndEveryCommandOneOperation) {
  const auto wanted = admin_operations_of(embedded_document());
  ASSERT_GT(wanted.size(), 40U);
  std::set<method_and_path> reached;
  std::set<std::string> names;
  for (const auto& one : embedded_tree().commands) {
    EXPECT_TRUE(reached.emplace(one.runs.method, one.runs.path).second) << one.runs.path;
    EXPECT_TRUE(names.insert(one.group + " " + one.verb).second) << one.group << " " << one.verb;
  }
  EXPECT_EQ(reached, wanted);
}

TEST(CtlCommands, CuratedNamesLeadToOperationsThatAreThere) {
  const auto tree = embedded_tree();
  for (const auto& [group, verb] : {std::pair("enrol", "link"),
                                    {"enrol", "code"},
                                    {"assign", "explain"},
                                    {"usage", "show"},
                                    {"", "whoami"}}) {
    EXPECT_NE(tree.find(group, verb), nullptr) << group << " " << verb;
  }
}

TEST(CtlCommands, NamesComeFromPathAndMethod) {
  EXPECT_EQ(name_of("GET", "/api/v1/admin/plans/{id}"), "plan get");
  EXPECT_EQ(name_of("PATCH", "/api/v1/admin/plans/{id}"), "plan change");
  EXPECT_EQ(name_of("DELETE", "/api/v1/admin/plans/{id}"), "plan delete");
  EXPECT_EQ(name_of("PUT", "/api/v1/admin/settings/{id}"), "settings set");
  EXPECT_EQ(name_of("POST", "/api/v1/admin/widgets"), "widget create");
  EXPECT_EQ(name_of("POST", "/api/v1/admin/nodes/{id}:drain"), "node drain");
  EXPECT_EQ(name_of("GET", "/api/v1/admin/stats/overview"), "stats overview");
  EXPECT_EQ(name_of("POST", "/api/v1/admin/me/totp:confirm"), "me confirm-totp");
}

TEST(CtlCommands, TwoOperationsOfOneNameAreRefused) {
  const auto made = derive_commands({make_operation("PUT", "/api/v1/admin/settings"),
                                     make_operation("PUT", "/api/v1/admin/settings/{id}")});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("would be the same command \"settings set\""),
            std::string::npos);
}

TEST(CtlCommands, FieldsCarryTypesBoundsAndChoices) {
  const auto tree = embedded_tree();
  const auto* create = tree.find("plan", "create");
  ASSERT_NE(create, nullptr);
  const auto find = [&](std::string_view name) {
    return *std::ranges::find(create->runs.body, name, &field::name);
  };
  EXPECT_TRUE(find("code").is_required);
  EXPECT_EQ(find("device_limit").flag, "device-limit");
  EXPECT_EQ(find("device_limit").kind, value_kind::whole);
  EXPECT_EQ(find("device_limit").least, 1);
  EXPECT_TRUE(find("device_limit").is_nullable);
  EXPECT_TRUE(find("regions").is_list);
  EXPECT_EQ(find("reset").choices.size(), 6U);
  EXPECT_NE(describe_field(find("reset")).find("one of none, day"), std::string::npos);
}

TEST(CtlCommands, FieldsThatHoldSecretsAreReadFromFiles) {
  const auto tree = embedded_tree();
  const auto* create = tree.find("admin", "create");
  ASSERT_NE(create, nullptr);
  const auto password = std::ranges::find(create->runs.body, "password", &field::name);
  ASSERT_NE(password, create->runs.body.end());
  EXPECT_TRUE(password->is_secret());
}

TEST(CtlCommands, IfMatchIsTakenFromTheDocument) {
  const auto read = read_operations(
      R"({"paths":{"/api/v1/admin/plans/{id}":{"delete":{"operationId":"deletePlan","parameters":[
      {"name":"If-Match","in":"header","required":true,"schema":{"type":"string"}}]}}}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().match, match_rule::required);
  EXPECT_EQ(read->front().path_names, std::vector<std::string>{"id"});
}

}
}
