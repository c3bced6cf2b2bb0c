#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "httvps/gateway/usage/usage_spool.hpp"
#include "temporary_folder.hpp"

namespace httvps::gateway::testing {

struct spooled_traffic {
  base::byte_count up = 0;
  base::byte_count down = 0;
  bool operator==(const spooled_traffic&) const = default;
};

using account_name = std::pair<std::string, std::uint64_t>;
using accounts = std::map<account_name, spooled_traffic>;

class account_keeper {
 public:
  enum class answer { taken, mismatch };

  answer take(const usage_batch& batch);
  std::uint64_t acked_through(const std::string& epoch) const;
  const accounts& totals() const noexcept { return totals_; }
  std::size_t batches() const noexcept { return seen_.size(); }

 private:
  std::map<std::pair<std::string, std::uint64_t>, std::vector<usage_row>> seen_;
  accounts totals_;
};

class spool_folder {
 public:
  spool_folder();
  spool_folder(const spool_folder&) = delete;
  spool_folder& operator=(const spool_folder&) = delete;

  std::unique_ptr<usage_spool> open(spool_settings chosen = {});
  std::vector<std::filesystem::path> files() const;
  const std::string& path() const noexcept { return path_; }

  base::manual_clock clock;
  base::metric_registry registry;
  spool_meter meter;

 private:
  temporary_folder home_;
  std::string path_ = home_.file("usage");
  int boots_ = 0;
};

class full_disk {
 public:
  explicit full_disk(base::byte_count largest_file = 1);
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;
  ~full_disk();

 private:
  rlimit before_{};
};

usage_row row_of(std::uint64_t session, base::byte_count up, std::string token = {});
void drain(usage_spool& spool, account_keeper& keeper);

}
