#include "httvps/node/keys/key_rollout.hpp"

#include <algorithm>
#include <utility>

#include "httvps/node/keys/errc.hpp"
#include "httvps/node/keys/services_file.hpp"

namespace httvps::node {

void key_rollout::want(wanted_keys wanted) {
  wanted_ = std::move(wanted);
  known_ = true;
  step_ = rollout_step::write;
  not_before_ = {};
  pause_ = rollout_pause_least;
}

rollout_step key_rollout::next(base::steady_time now) const noexcept {
  return now < not_before_ ? rollout_step::rest : step_;
}

base::steady_time key_rollout::next_at() const noexcept {
  return step_ == rollout_step::rest ? base::steady_time::max() : not_before_;
}

std::size_t key_rollout::count_to_write() {
  auto taken = unconfirmed_;
  if (seen_) {
    taken.push_back(*seen_);
  }
  listed_ = count_to_list(wanted_.keys.size(), taken);
  note_unconfirmed(listed_);
  return listed_;
}

void key_rollout::note_unconfirmed(std::size_t count) {
  if (unconfirmed_.size() == unconfirmed_counts_most) {
    unconfirmed_.erase(unconfirmed_.begin());
  }
  unconfirmed_.push_back(count);
}

void key_rollout::written(base::steady_time now) {
  step_ = rollout_step::reload;
  not_before_ = now;
}

void key_rollout::reloaded(base::steady_time now) {
  step_ = rollout_step::confirm;
  not_before_ = now;
  confirm_until_ = now + load_limit;
}

void key_rollout::observed(std::uint64_t loaded_keys, base::steady_time now) {
  seen_ = loaded_keys;
  if (step_ == rollout_step::confirm) {
    if (!is_loaded(loaded_keys)) {
      return unseen(now);
    }
    unconfirmed_.clear();
    step_ = rollout_step::rest;
    running_ = wanted_.revision;
    pause_ = rollout_pause_least;
    report({});
  } else if (step_ == rollout_step::rest && known_ && !is_loaded(loaded_keys)) {
    step_ = rollout_step::write;
    not_before_ = now + rollout_pause_least;
  }
}

void key_rollout::unseen(base::steady_time now) {
  if (step_ == rollout_step::confirm && now >= confirm_until_) {
    failed(keys_errc::server_did_not_load, now);
  }
}

void key_rollout::failed(const base::error& why, base::steady_time now) {
  step_ = rollout_step::write;
  not_before_ = now + pause_;
  pause_ = std::min<base::duration>(pause_ * 2, rollout_pause_most);
  report(why);
}

void key_rollout::server_gone() noexcept {
  unconfirmed_.clear();
  seen_.reset();
}

std::optional<rollout_report> key_rollout::unreported() const {
  return report_;
}

void key_rollout::reported(const rollout_report& report) noexcept {
  if (report_ && report_->revision == report.revision && report_->failure == report.failure) {
    report_.reset();
  }
}

void key_rollout::report(const base::error& failure) {
  rollout_report fresh{.revision = wanted_.revision, .failure = failure, .key_ids = {}};
  fresh.key_ids.reserve(wanted_.keys.size());
  for (const auto& key : wanted_.keys) {
    fresh.key_ids.push_back(key.id);
  }
  report_ = std::move(fresh);
}

}
