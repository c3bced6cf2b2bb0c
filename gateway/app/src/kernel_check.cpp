#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>

#include "httvps/gateway/app/host_check.hpp"

namespace httvps::gateway {
namespace {

enum class comparison : std::uint8_t { equal, last_number_at_least };

struct kernel_rule {
  std::string_view name;
  std::string_view wanted;
  comparison how;
  std::string_view reason;
};

constexpr std::array<kernel_rule, 12> rules{{
    {"net.core.default_qdisc", "fq", comparison::equal, "fq paces what BBR sends"},
    {"net.ipv4.tcp_congestion_control", "bbr", comparison::equal,
     "connections to nodes keep their speed on lossy paths"},
    {"net.ipv4.tcp_rmem", "4096 131072 33554432", comparison::last_number_at_least,
     "one stream fills 1 Gbit/s at 200 ms only with a window of 32 MiB"},
    {"net.ipv4.tcp_wmem", "4096 16384 33554432", comparison::last_number_at_least,
     "what is sent is kept until it is acknowledged, one round trip of it"},
    {"net.core.rmem_max", "33554432", comparison::last_number_at_least,
     "sockets that set their buffer themselves, datagrams among them, stop here"},
    {"net.core.wmem_max", "33554432", comparison::last_number_at_least,
     "sockets that set their buffer themselves, datagrams among them, stop here"},
    {"net.ipv4.tcp_slow_start_after_idle", "0", comparison::equal,
     "a carrier that was quiet starts again at its old speed"},
    {"net.ipv4.tcp_mtu_probing", "1", comparison::last_number_at_least,
     "carriers live on where a network swallows large packets"},
    {"net.ipv4.tcp_tw_reuse", "1", comparison::equal,
     "many short streams to one node do not run out of ports"},
    {"net.ipv4.tcp_migrate_req", "1", comparison::equal,
     "connections that wait at a listener that closes go to the successor's"},
    {"net.core.somaxconn", "4096", comparison::last_number_at_least,
     "clients that come back all at once wait instead of being dropped"},
    {"net.ipv4.tcp_max_syn_backlog", "4096", comparison::last_number_at_least,
     "clients that come back all at once wait instead of being dropped"},
}};

constexpr std::string_view all_at_once =
    "install -m 644 deploy/sysctl.d/90-httvps.conf /etc/sysctl.d/ && sysctl --system";

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) {
    return std::nullopt;
  }
  std::ranges::replace(line, '\t', ' ');
  return line;
}

std::string path_of(const host_view& host, std::string_view name) {
  std::string inner(name);
  std::ranges::replace(inner, '.', '/');
  return host.proc + "/sys/" + inner;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

std::uint64_t last_number(std::string_view text) {
  const auto space = text.rfind(' ');
  const auto word = space == std::string_view::npos ? text : text.substr(space + 1);
  std::uint64_t number = 0;
  const auto* begin = word.data();
  std::from_chars(begin, begin + word.size(), number);
  return number;
}

bool is_met(const kernel_rule& rule, const std::string& value) {
  return rule.how == comparison::equal ? value == rule.wanted
                                       : last_number(value) >= last_number(rule.wanted);
}

finding judge(const kernel_rule& rule, const host_view& host) {
  finding found{.subject = std::string(rule.name), .sentence = {}};
  const auto value = first_line(path_of(host, rule.name));
  if (!value) {
    found.grade = finding_grade::advice;
    found.sentence = "cannot be read here; look outside of the container.";
    return found;
  }
  found.sentence = fmt::format("is {}.", *value);
  if (!is_met(rule, *value)) {
    found.grade = finding_grade::advice;
    found.sentence = fmt::format("is {}, better {}: {}.", *value, rule.wanted, rule.reason);
    found.mend = fmt::format("sysctl -w {}=\"{}\"", rule.name, rule.wanted);
  }
  return found;
}

finding judge_bbr(const host_view& host) {
  const auto offered =
      words_of(first_line(path_of(host, "net.ipv4.tcp_available_congestion_control")).value_or(""));
  if (std::ranges::find(offered, "bbr") != offered.end()) {
    return {.subject = "BBR", .sentence = "is there; carriers use it."};
  }
  return {.grade = finding_grade::advice,
          .subject = "BBR",
          .sentence =
              "is not there; carriers use the kernel's default and lose speed on lossy "
              "paths.",
          .mend = "modprobe tcp_bbr && echo tcp_bbr > /etc/modules-load.d/httvps.conf"};
}

}

std::vector<kernel_want> wanted_kernel_settings() {
  std::vector<kernel_want> all(rules.size());
  std::ranges::transform(rules, all.begin(), [](const kernel_rule& rule) {
    return kernel_want{.name = std::string(rule.name), .value = std::string(rule.wanted)};
  });
  return all;
}

std::vector<finding> check_kernel(const host_view& host) {
  std::vector<finding> findings{judge_bbr(host)};
  std::size_t mendable = 0;
  for (const auto& rule : rules) {
    findings.push_back(judge(rule, host));
    mendable += findings.back().mend.empty() ? 0U : 1U;
  }
  if (mendable > 1) {
    findings.push_back({.grade = finding_grade::advice,
                        .subject = "kernel settings",
                        .sentence = fmt::format("{} of them at once and for good:", mendable),
                        .mend = std::string(all_at_once)});
  }
  return findings;
}

}
