#pragma once

#include <array>
#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::backend::services::usage_failpoint {

inline constexpr std::string_view before_journal = "backend.usage.journal.before";
inline constexpr std::string_view after_journal = "backend.usage.journal.after";
inline constexpr std::string_view before_commit = "backend.usage.commit.before";
inline constexpr std::string_view after_commit = "backend.usage.commit.after";
inline constexpr std::string_view before_acknowledge = "backend.usage.acknowledge.before";
inline constexpr std::string_view before_posting_commit = "backend.usage.posting.before";
inline constexpr std::string_view after_posting_commit = "backend.usage.posting.after";
inline constexpr std::string_view before_roll_up_commit = "backend.usage.rollup.before";
inline constexpr std::string_view after_roll_up_commit = "backend.usage.rollup.after";

inline constexpr std::array all = {
    before_journal,       after_journal,         before_commit,
    after_commit,         before_acknowledge,    before_posting_commit,
    after_posting_commit, before_roll_up_commit, after_roll_up_commit};

base::result<> pass(std::string_view point);

}
