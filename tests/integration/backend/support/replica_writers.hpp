#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/walk.hpp"

namespace httvps::testing {

inline constexpr std::size_t replica_count = 2;

class replica_addresses {
 public:
  void set(std::size_t replica, std::string address);
  std::string at(std::size_t replica) const;

 private:
  mutable std::mutex mutex_;
  std::array<std::string, replica_count> addresses_;
};

struct taken_validation {
  std::string session;
  std::size_t replica = 0;
  std::chrono::steady_clock::time_point answered_at;
};

struct writer_totals {
  std::uint64_t batches = 0;
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  std::uint64_t writes = 0;
  std::uint64_t retries = 0;
  std::set<std::string> users;
  std::vector<taken_validation> validations;
};

struct writer_pace {
  std::uint64_t writes = 0;
  std::chrono::microseconds interval{0};
};

class replica_writer {
 public:
  replica_writer(const walk& world, const replica_addresses& replicas, std::size_t number)
      : world_(world), replicas_(replicas), number_(number) {}

  void enrol(walk& world);
  void run(const writer_pace& pace, std::atomic<std::uint64_t>& done);
  const writer_totals& totals() const noexcept { return totals_; }

 private:
  void write_batch();
  void add_user();
  void validate();
  api_answer post_until_taken(std::string_view path, std::string_view credential,
                              const json_object& body, int taken_before);

  const walk& world_;
  const replica_addresses& replicas_;
  std::size_t number_;
  std::string credential_;
  std::string node_;
  std::string token_;
  std::size_t taken_by_ = 0;
  writer_totals totals_;
};

}
