#include "spool_folder.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <csignal>

namespace httvps::gateway::testing {

account_keeper::answer account_keeper::take(const usage_batch& batch) {
  const std::pair name(batch.epoch, batch.sequence);
  const auto [known, fresh] = seen_.try_emplace(name, batch.rows);
  if (!fresh) {
    return known->second == batch.rows ? answer::taken : answer::mismatch;
  }
  for (const auto& row : batch.rows) {
    auto& held = totals_[{batch.epoch, row.session}];
    held.up = std::max(held.up, row.up);
    held.down = std::max(held.down, row.down);
  }
  return answer::taken;
}

std::uint64_t account_keeper::acked_through(const std::string& epoch) const {
  std::uint64_t through = 0;
  while (seen_.contains({epoch, through + 1})) {
    ++through;
  }
  return through;
}

spool_folder::spool_folder()
    : meter{.write_failures = registry.add_counter({"failures", "Failures."}),
            .records_cut = registry.add_counter({"cuts", "Cuts."}),
            .compactions = registry.add_counter({"compactions", "Compactions."})} {}

std::unique_ptr<usage_spool> spool_folder::open(spool_settings chosen) {
  chosen.folder = path_;
  chosen.epoch = fmt::format("{:016x}", 0xffU - static_cast<unsigned>(++boots_));
  auto opened = usage_spool::open(chosen, {.clock = clock, .meter = meter});
  if (!opened) {
    throw std::runtime_error(opened.error().message());
  }
  return std::move(*opened);
}

std::vector<std::filesystem::path> spool_folder::files() const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() == ".usage") {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);
  return found;
}

full_disk::full_disk(base::byte_count largest_file) {
  std::signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before_);
  const rlimit small{.rlim_cur = largest_file, .rlim_max = before_.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
}

full_disk::~full_disk() {
  setrlimit(RLIMIT_FSIZE, &before_);
}

usage_row row_of(std::uint64_t session, base::byte_count up, std::string token) {
  return {
      .session = session, .node_id = "node_a", .up = up, .down = 2 * up, .token = std::move(token)};
}

void drain(usage_spool& spool, account_keeper& keeper) {
  while (const auto batch = spool.next().value()) {
    if (keeper.take(*batch) == account_keeper::answer::mismatch) {
      if (!spool.give_up(batch->epoch)) {
        return;
      }
    } else {
      spool.acknowledge(batch->epoch, batch->sequence);
    }
  }
}

}
