#include "httvps/backend/services/refusal_service.hpp"

#include <fmt/format.h>

#include <utility>

namespace httvps::backend::services {
namespace {

constexpr std::chrono::minutes one_line_each{1};
constexpr std::uint64_t lines_a_minute = 60;
constexpr std::size_t kinds_counted = 256;

std::string describe(const std::string& code, std::uint64_t unwritten) {
  return unwritten == 0 ? fmt::format("code={}", code)
                        : fmt::format("code={} before={}", code, unwritten);
}

}

void refusal_service::make_room(base::steady_time now) {
  std::erase_if(kinds_, [&](const auto& each) {
    return each.second.written_at && now - *each.second.written_at >= one_line_each;
  });
  while (kinds_.size() >= kinds_counted) {
    kinds_.erase(kinds_.begin());
  }
}

bool refusal_service::take_line(base::steady_time now) {
  if (now - minute_.begun >= one_line_each) {
    minute_ = {.begun = now};
  }
  if (minute_.lines >= lines_a_minute) {
    return false;
  }
  ++minute_.lines;
  return true;
}

std::optional<std::uint64_t> refusal_service::turn_of(const std::string& kind) {
  const std::scoped_lock lock(mutex_);
  const auto now = tools_.clock.steady_now();
  if (!kinds_.contains(kind)) {
    make_room(now);
  }
  auto& count = kinds_[kind];
  const bool is_early = count.written_at && now - *count.written_at < one_line_each;
  if (is_early || !take_line(now)) {
    ++count.unwritten;
    return std::nullopt;
  }
  count.written_at = now;
  return std::exchange(count.unwritten, 0);
}

base::result<> refusal_service::write(const change_author& author,
                                      const admin_change& change) const {
  return tools_.storage.write(
      [&](repositories& tables) { return record_change(tables, tools_, author, change); });
}

base::result<> refusal_service::note(const admin_actor& actor, const refused_call& refused) {
  auto author = author_of(actor);
  author.claim.reset();
  const auto turn = turn_of(
      fmt::format("{} {} {} {}", refused_call_action, author.id, author.token, refused.code));
  if (!turn) {
    return {};
  }
  return write(author, {.action = refused_call_action,
                        .object = refused.operation,
                        .detail = describe(refused.code, *turn)});
}

base::result<> refusal_service::note(const refused_login& refused) {
  const auto turn = turn_of(fmt::format("{} {}", refused_login_action, refused.name));
  if (!turn) {
    return {};
  }
  HTTVPS_TRY(const auto account, read_from(tools_.storage, [&](repositories& tables) {
               return tables.admins.find_by_name(refused.name);
             }));
  return write({.id = std::string(audit_nobody),
                .name = account ? account->name : std::string(),
                .address = refused.address,
                .request_id = refused.request_id},
               {.action = refused_login_action,
                .object = account ? account->id.text() : std::string(),
                .detail = describe(refused.code, *turn)});
}

}
