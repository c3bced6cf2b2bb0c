#include <fmt/format.h>

#include <algorithm>

#include "doctor.hpp"

namespace httvps::ctl {
namespace {

constexpr std::int64_t parts_of_a_life = 6;
constexpr std::int64_t seconds_an_hour = 3600;

struct term {
  std::int64_t begins = 0;
  std::int64_t ends = 0;
};

std::optional<term> term_of(const json::value& item) {
  const auto begins = seconds_of_rfc3339(text_of(item, "created_at"));
  const auto ends = seconds_of_rfc3339(text_of(item, "expires_at"));
  return begins && ends ? std::optional(term{*begins, *ends}) : std::nullopt;
}

finding judge_term(const json::value& item, const term& found, std::int64_t now) {
  const auto what = fmt::format("credential of {}", printable(text_of(item, "owner_id")));
  const auto advice = text_of(item, "kind") == "node"
                          ? "look at its agent's log; httvpsctl node issue-credential makes another"
                          : "look at its log; without renewal it must join anew";
  if (found.ends <= now) {
    return {verdict::warn, what, fmt::format("has expired; {}", advice)};
  }
  return {verdict::warn, what,
          fmt::format("expires in {} h and is not renewed; {}",
                      (found.ends - now) / seconds_an_hour, advice)};
}

bool is_overdue(const term& found, std::int64_t now) noexcept {
  return now >= found.ends - (found.ends - found.begins) / parts_of_a_life;
}

}

std::vector<finding> judge_credentials(const json::array& items, base::system_time now) {
  const auto moment = base::to_unix_seconds(now);
  std::vector<finding> found;
  std::size_t good = 0;
  for (const auto& item : items) {
    const auto present = term_of(item);
    if (text_of(item, "state") == "revoked" || !present) {
      continue;
    }
    if (is_overdue(*present, moment)) {
      found.push_back(judge_term(item, *present, moment));
    } else {
      ++good;
    }
  }
  found.insert(found.begin(),
               {verdict::ok, "credentials",
                fmt::format("{} of gateways and nodes are far from their end", good)});
  return found;
}

}
