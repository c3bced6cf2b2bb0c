#pragma once

#include <gtest/gtest.h>

#include "spool_folder.hpp"

namespace httvps::gateway::testing {

inline constexpr auto first_epoch = "00000000000000fe";

struct UsageSpool : ::testing::Test {
  spool_folder folder;
  account_keeper keeper;

  base::byte_count counted(std::uint64_t session) const {
    const auto found = keeper.totals().find({first_epoch, session});
    return found == keeper.totals().end() ? 0 : found->second.up;
  }
};

}
