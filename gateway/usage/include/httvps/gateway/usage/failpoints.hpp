#pragma once

#include <array>
#include <string_view>

namespace httvps::gateway::usage_failpoint {

inline constexpr std::string_view before_append = "gateway.usage.append.before";
inline constexpr std::string_view after_append = "gateway.usage.append.after";
inline constexpr std::string_view before_sync = "gateway.usage.sync.before";
inline constexpr std::string_view after_sync = "gateway.usage.sync.after";
inline constexpr std::string_view before_seal = "gateway.usage.seal.before";
inline constexpr std::string_view after_seal = "gateway.usage.seal.after";
inline constexpr std::string_view before_send = "gateway.usage.send.before";
inline constexpr std::string_view after_send = "gateway.usage.send.after";
inline constexpr std::string_view before_acknowledge = "gateway.usage.acknowledge.before";
inline constexpr std::string_view after_acknowledge = "gateway.usage.acknowledge.after";
inline constexpr std::string_view before_trim = "gateway.usage.trim.before";
inline constexpr std::string_view after_trim = "gateway.usage.trim.after";

inline constexpr std::array all = {before_append,      after_append,      before_sync, after_sync,
                                   before_seal,        after_seal,        before_send, after_send,
                                   before_acknowledge, after_acknowledge, before_trim, after_trim};

}
