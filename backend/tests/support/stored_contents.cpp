#include "stored_contents.hpp"

#include <gtest/gtest.h>

#include "home_files.hpp"
#include "httvps/backend/storage/database_copy.hpp"

namespace httvps::backend::test_support {
namespace {

constexpr std::string_view proofs_table = "seen_proofs";

}

table_contents stored_contents() {
  table_contents found;
  const auto rows = storage::copy_database(
      {.from = *storage::database_address::parse(home_files::opened()),
       .to = {},
       .progress = [&](const auto& step) {
         if (step.stage == storage::copy_stage::verified && step.table != proofs_table) {
           found[step.table] = std::to_string(step.rows) + " " + step.digest;
         }
       }});
  EXPECT_TRUE(rows) << rows.error().message();
  return found;
}

table_contents expect_no_trace(const table_contents& before, const std::string& who) {
  auto after = stored_contents();
  for (const auto& [table, digest] : before) {
    EXPECT_EQ(after.at(table), digest) << who << ": a refused request changed the table " << table
                                       << ": check the whole request before the first write";
  }
  return after;
}

}
