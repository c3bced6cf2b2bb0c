#include "httvps/gateway/sessions/session_keeper.hpp"

#include <algorithm>

#include "httvps/base/scope_exit.hpp"

namespace httvps::gateway {
namespace {

bool is_named(const hosted_session& session, const recheck_order& wanted) {
  const auto& terms = session.terms();
  return !wanted.changed || wanted.changed->contains(terms.subscription_id) ||
         wanted.changed->contains(terms.plan_id) || terms.plan_id.empty();
}

}

base::steady_time session_keeper::within(base::duration least, base::duration most) {
  const auto width = static_cast<std::uint64_t>((most - least).count());
  const auto chosen = static_cast<std::int64_t>(parts_.environment.random.below(width + 1));
  return parts_.environment.clock.steady_now() + least + base::duration(chosen);
}

base::steady_time session_keeper::next_check(std::chrono::seconds recheck) {
  return within(base::duration(recheck) * 9 / 10, recheck);
}

base::steady_time session_keeper::check_after(base::steady_time asked_at,
                                              std::chrono::seconds recheck) {
  const bool is_outdated = asked_at < ordered_at_;
  return is_outdated ? within({}, parts_.limits.spread) : next_check(recheck);
}

void session_keeper::check_at(number which, base::steady_time moment) {
  auto& entry = watched_.at(which);
  checks_.erase({entry.check_at, which});
  entry.check_at = moment;
  checks_.insert({moment, which});
}

void session_keeper::end_at(number which, std::optional<base::system_time> moment) {
  auto& entry = watched_.at(which);
  if (entry.ends_at) {
    ends_.erase({*entry.ends_at, which});
  }
  entry.ends_at = moment;
  if (moment) {
    ends_.insert({*moment, which});
  }
}

void session_keeper::hold(const std::shared_ptr<hosted_session>& session) {
  const auto& terms = session->terms();
  watched_[terms.number].session = session;
  check_at(terms.number, check_after(terms.asked_at, terms.recheck));
  end_at(terms.number, terms.ends_at);
}

void session_keeper::drop(const hosted_session& session) {
  const auto found = watched_.find(session.terms().number);
  if (found == watched_.end()) {
    return;
  }
  end_at(found->first, std::nullopt);
  checks_.erase({found->second.check_at, found->first});
  watched_.erase(found);
}

void session_keeper::recheck(const recheck_order& wanted) {
  ordered_at_ = parts_.environment.clock.steady_now();
  const auto latest = ordered_at_ + parts_.limits.spread;
  for (const auto& [which, entry] : watched_) {
    const auto session = entry.session.lock();
    if (session && entry.check_at > latest && is_named(*session, wanted)) {
      check_at(which, within({}, parts_.limits.spread));
    }
  }
}

net::task<> session_keeper::run() {
  while (true) {
    const auto moment = parts_.environment.clock.steady_now() + parts_.limits.look;
    HTTVPS_CO_CHECK(co_await net::sleep_until(moment));
    end_expired();
    start_checks();
  }
}

void session_keeper::end_expired() {
  const auto now = parts_.environment.clock.system_now();
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const auto which = ends_.begin()->second;
    end_at(which, std::nullopt);
    if (const auto session = watched_.at(which).session.lock()) {
      parts_.environment.probe.expiry_ends.add();
      auto why = farewell_at_expiry();
      session->end_with_notice(why.code, std::move(why.sentence));
    }
  }
}

std::shared_ptr<hosted_session> session_keeper::take_due() {
  const auto now = parts_.environment.clock.steady_now();
  while (!checks_.empty() && checks_.begin()->first <= now) {
    const auto which = checks_.begin()->second;
    auto& entry = watched_.at(which);
    auto session = entry.session.lock();
    if (session) {
      check_at(which, next_check(session->terms().recheck));
      return session;
    }
    checks_.erase({entry.check_at, which});
  }
  return nullptr;
}

void session_keeper::start_checks() {
  const auto now = parts_.environment.clock.steady_now();
  const auto free = parts_.limits.at_once - std::min(parts_.limits.at_once, under_way_);
  std::size_t due = 0;
  for (auto each = checks_.begin(); due < free && each != checks_.end() && each->first <= now;
       ++each) {
    ++due;
  }
  while (due > 0 && parts_.spawn(check_due())) {
    --due;
  }
}

net::task<> session_keeper::check_due() {
  ++under_way_;
  const base::scope_exit over([this] { --under_way_; });
  while (auto session = take_due()) {
    co_await check(std::move(session));
  }
  co_return base::result<>();
}

net::asio::awaitable<void> session_keeper::check(std::shared_ptr<hosted_session> session) {
  auto verdict = co_await parts_.judge.judge_again(session);
  if (watched_.contains(session->terms().number)) {
    settle(*session, std::move(verdict));
  }
}

void session_keeper::settle(hosted_session& session, session_judge::second_verdict verdict) {
  const auto which = session.terms().number;
  if (auto* fresh = std::get_if<renewed_terms>(&verdict)) {
    parts_.environment.probe.rechecks_allowed.add();
    check_at(which, check_after(fresh->asked_at, fresh->recheck));
    end_at(which, fresh->ends_at);
    session.take_terms(std::move(*fresh));
    return;
  }
  if (auto* why = std::get_if<refusal>(&verdict)) {
    parts_.environment.probe.denial_ends.add();
    session.end_with_notice(why->code, std::move(why->sentence));
    return;
  }
  parts_.environment.probe.rechecks_unanswered.add();
  check_at(which, within(parts_.limits.retry_least, parts_.limits.retry_most));
}

}
