#include "completion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "declare.hpp"
#include "host_program.hpp"
#include "program.hpp"

namespace httvps::ctl {
namespace {

using words = std::vector<std::string>;

class CtlCompletion : public ::testing::Test {
 protected:
  CtlCompletion() : tree(derive_commands(*read_operations(embedded_document())).value()) {}

  bool offers(const words& typed) const {
    const auto offered = complete(tree, typed);
    return std::ranges::find(offered, typed.back()) != offered.end();
  }

  int expect_every_option(const CLI::App& at, words before) const {
    int seen = 0;
    for (const auto* option : at.get_options()) {
      for (const auto& name : option->get_lnames()) {
        auto typed = before;
        typed.push_back("--" + name);
        EXPECT_TRUE(offers(typed))
            << at.get_parent()->get_name() << " " << at.get_name() << " --" << name;
        ++seen;
      }
    }
    for (const auto* inner : at.get_subcommands([](const CLI::App*) { return true; })) {
      auto longer = before;
      longer.push_back(inner->get_name());
      seen += expect_every_option(*inner, longer);
    }
    return seen;
  }

  command_tree tree;
};

TEST_F(CtlCompletion, OffersEveryOptionThatHelpShows) {
  parsed_line line;
  CLI::App program("all", "httvpsctl");
  declare_locals(program, tree, line);
  declare_commands(program, tree, line);
  EXPECT_GT(expect_every_option(program, {}), 200);
}

TEST_F(CtlCompletion, OffersChoicesOfLocalOptionsAndFieldsToUnset) {
  EXPECT_EQ(complete(tree, words{"usage", "top", "--by", ""}),
            (words{"day", "device_id", "node_id"}));
  EXPECT_TRUE(offers({"plan", "change", "plan_1", "--unset", "quota-bytes"}));
  EXPECT_TRUE(complete(tree, words{"audit", "tail", "--lines", ""}).empty());
  EXPECT_TRUE(offers({"audit", "tail", "--follow", "--lines"}));
}

TEST_F(CtlCompletion, OffersTheOptionsOfWorkOnTheHost) {
  for (const auto& one : host_commands()) {
    EXPECT_TRUE(offers({std::string(one.name)}));
    for (const auto flag : one.flags) {
      EXPECT_TRUE(offers({std::string(one.name), std::string(flag)})) << one.name << flag;
    }
  }
  EXPECT_FALSE(offers({"backup", "--server"}));
}

TEST_F(CtlCompletion, OffersVerbsOfWorkOnTheHostWithTheirOwnOptions) {
  EXPECT_EQ(complete(tree, words{"rescue", ""}), (words{"reset-admin", "unlock"}));
  EXPECT_EQ(complete(tree, words{"migrate", ""}), (words{"copy", "down", "status", "up"}));
  EXPECT_EQ(complete(tree, words{"keyring", "a"}), (words{"activate", "add"}));
  EXPECT_EQ(complete(tree, words{"rescue", "reset-admin", "Ada", "--p"}),
            (words{"--password-file"}));
  EXPECT_EQ(complete(tree, words{"migrate", "down", "--"}), (words{"--help", "--to"}));
  EXPECT_FALSE(offers({"rescue", "unlock", "--password-file"}));
  EXPECT_TRUE(offers({"migrate", "--from"}));
}

TEST(CtlHostCommand, VerbsReachTheBackendAsTheyAreAndOptionsAloneCopy) {
  const auto sent = [](std::string_view name, const std::vector<const char*>& options) {
    return backend_words(*find_host_command(name), options);
  };
  EXPECT_EQ(sent("migrate", {"up"}), (words{"httvps-backend", "migrate", "up"}));
  EXPECT_EQ(sent("migrate", {"down", "--to", "3"}),
            (words{"httvps-backend", "migrate", "down", "--to", "3"}));
  EXPECT_EQ(sent("migrate", {"--from", "sqlite"}),
            (words{"httvps-backend", "migrate", "copy", "--from", "sqlite"}));
  EXPECT_EQ(sent("rescue", {"unlock", "Ada"}),
            (words{"httvps-backend", "rescue", "unlock", "Ada"}));
  EXPECT_EQ(sent("rescue", {}), (words{"httvps-backend", "rescue"}));
  EXPECT_EQ(sent("backup", {"--to", "x"}), (words{"httvps-backend", "backup", "--to", "x"}));
}

}
}
