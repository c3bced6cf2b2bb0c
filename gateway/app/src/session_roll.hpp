#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/gateway/control/session_messages.hpp"

namespace httvps::gateway {

inline constexpr std::size_t ended_sessions_most = 10'000;

class session_roll {
 public:
  explicit session_roll(base::random_source& random);

  void name_process(std::string epoch) { epoch_ = std::move(epoch); }
  void open(std::uint64_t number, told_session who);
  void close(std::uint64_t number);

  session_report next();
  std::vector<std::uint64_t> take(const session_report_answer& answer);
  bool has_more() const noexcept { return !fresh_.empty() || !ended_.empty(); }

 private:
  void start_anew();
  void settle(const session_report& told);

  base::random_source& random_;
  std::string epoch_;
  std::string roll_;
  std::uint64_t sequence_ = 0;
  std::map<std::uint64_t, told_session> open_;
  std::map<std::string, std::uint64_t> number_of_;
  std::set<std::uint64_t> fresh_;
  std::vector<told_session> ended_;
  std::optional<session_report> sent_;
  std::vector<std::uint64_t> sent_numbers_;
};

}
