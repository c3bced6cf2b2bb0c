#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "spool_folder.hpp"

namespace httvps::gateway::testing {
namespace {

struct random_life {
  spool_folder folder;
  account_keeper keeper;
  accounts truth;
  std::unique_ptr<usage_spool> spool = open();
  int boots = 0;

  std::unique_ptr<usage_spool> open() {
    return folder.open({.most = 32 * base::kibibyte, .segment = 4096, .batch_rows = 3});
  }

  std::string epoch() const { return fmt::format("{:016x}", 0xfeU - static_cast<unsigned>(boots)); }

  std::vector<usage_row> rows_for(std::uint16_t step) {
    std::vector<usage_row> rows;
    for (std::uint64_t session = 1; session <= 1U + step % 5U; ++session) {
      auto& counted = truth[{epoch(), session}];
      counted = {.up = counted.up + step, .down = 2 * (counted.up + step)};
      rows.push_back(row_of(session, counted.up, "token"));
    }
    return rows;
  }

  void deliver() {
    if (const auto batch = spool->next().value()) {
      static_cast<void>(keeper.take(*batch));
    }
  }

  void live(std::uint16_t step) {
    switch (step % 7U) {
      case 0:
      case 1:
        RC_ASSERT(spool->keep(rows_for(step)).has_value());
        break;
      case 2:
      case 3:
        RC_ASSERT(spool->seal(rows_for(step)).has_value());
        break;
      case 4:
        deliver();
        break;
      case 5:
        drain(*spool, keeper);
        break;
      default:
        spool.reset();
        spool = open();
        ++boots;
    }
  }
};

RC_GTEST_PROP(UsageSpoolLife, TotalsAreTheTruthWhateverHappens,
              (const std::vector<std::uint16_t>& steps)) {
  random_life life;
  for (const auto step : steps) {
    life.live(step);
  }
  life.spool.reset();
  life.spool = life.open();
  drain(*life.spool, life.keeper);
  RC_ASSERT(life.keeper.totals() == life.truth);
  RC_ASSERT(life.folder.meter.records_cut.value() == 0U);
}

}
}
