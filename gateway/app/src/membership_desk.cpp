#include "membership_desk.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace httvps::gateway {
namespace {

constexpr auto join_pause_least = std::chrono::milliseconds(500);
constexpr auto join_pause_most = std::chrono::seconds(30);

withdrawal withdrawal_by(suspension how) noexcept {
  switch (how) {
    case suspension::none:
      return withdrawal::revoked;
    case suspension::of_user:
      return withdrawal::user_suspended;
    case suspension::of_subscription:
      return withdrawal::subscription_suspended;
  }
  std::unreachable();
}

base::result<identity::key_set> verify_keys(const membership& member, std::uint64_t least) {
  HTTVPS_TRY(const auto root, identity::public_key::from_base64url(member.root));
  return identity::key_set::verify(
      member.key_set,
      {.root = root, .now = base::real_clock().system_now(), .least_version = least});
}

base::steady_time now() {
  return base::real_clock().steady_now();
}

}

net::task<> membership_desk::become_member() {
  if (auto kept = load_membership(parts_.settings.state_dir)) {
    member_ = std::move(*kept);
    parts_.control.use_credential(member_.credential);
    open_state();
    take_up_state();
    spread(policies_.recall(member_, base::real_clock().system_now()));
    co_return co_await resume();
  } else {
    parts_.log.info("membership_absent", {{"outcome", kept.error()}});
  }
  HTTVPS_CO_CHECK(co_await join());
  HTTVPS_CO_CHECK(store_membership(parts_.settings.state_dir, member_));
  open_state();
  co_return apply_now();
}

net::task<> membership_desk::resume() {
  const auto applied = apply(heard_.value_or(now()));
  if (applied) {
    co_return applied;
  }
  parts_.log.warn("membership_outdated", {{"outcome", applied.error()}});
  if (const auto refreshed = co_await refresh_config(); refreshed) {
    co_return refreshed;
  }
  co_return co_await join_again();
}

net::task<> membership_desk::join_again() {
  HTTVPS_CO_CHECK(co_await join());
  keep();
  open_state();
  co_return apply_now();
}

join_request membership_desk::make_request() const {
  return {.secret = parts_.settings.join_secret,
          .name = parts_.settings.name,
          .region = parts_.place.region,
          .host = parts_.place.host,
          .addresses = parts_.place.addresses,
          .pins = parts_.place.pins,
          .x25519_public = parts_.own_key};
}

net::task<> membership_desk::join() {
  base::duration pause = join_pause_least;
  while (true) {
    auto request = make_request();
    auto joined = co_await parts_.control.join(std::move(request));
    if (joined) {
      adopt(std::move(*joined));
      co_return base::result<void>();
    }
    parts_.standing.note_refusal(joined.error());
    parts_.log.warn("join_failed", {{"outcome", joined.error()}});
    if (joined.error() == control_errc::join_refused) {
      co_return base::fail(joined.error());
    }
    co_await net::sleep_until(now() + pause);
    pause = std::min<base::duration>(pause * 2, join_pause_most);
  }
}

void membership_desk::adopt(membership joined) {
  if (joined.root == member_.root) {
    joined.revocation_version = member_.revocation_version;
  } else {
    key_set_version_ = 0;
    config_.reset();
    policies_.forget();
    parts_.state.use(nullptr);
  }
  member_ = std::move(joined);
}

base::result<> membership_desk::apply(base::steady_time heard) {
  HTTVPS_TRY(auto keys, verify_keys(member_, key_set_version_));
  key_set_version_ = keys.version();
  parts_.standing.note_approval(member_.approved);
  for (auto* each : parts_.workers) {
    net::asio::post(each->executor(), [each, joined = member_, keys, heard] {
      each->use(joined, keys);
      each->note_backend(heard);
    });
  }
  return {};
}

base::result<> membership_desk::apply_now() {
  return apply(now());
}

void membership_desk::keep() {
  if (is_left_) {
    return;
  }
  if (const auto stored = store_membership(parts_.settings.state_dir, member_); !stored) {
    parts_.log.error("membership_not_kept", {{"outcome", stored.error()}});
  }
}

net::task<> membership_desk::refresh_config() {
  HTTVPS_CO_TRY(auto config, co_await parts_.control.config());
  co_return co_await take_config(std::move(config));
}

net::task<> membership_desk::take_config(published_config config) {
  parts_.state.note_contact();
  member_.approved = config.approved;
  member_.path = config.path;
  member_.cookie = config.cookie;
  auto known_keys = std::exchange(member_.key_set, config.key_set);
  parts_.follow(config.draining ? service_order::drain : service_order::serve);
  take_revocations(config);
  spread_revocations(config);
  spread_rotations(config);
  const auto applied = apply_now();
  if (!applied) {
    member_.key_set = std::move(known_keys);
    config.key_set = member_.key_set;
  }
  spread(policies_.take(member_, config.policy, base::real_clock().system_now()));
  config_ = std::make_shared<const published_config>(std::move(config));
  parts_.state.use(config_);
  keep();
  co_return applied;
}

void membership_desk::take_revocations(published_config& config) {
  if (config_ && config.revocation_version < config_->revocation_version) {
    parts_.log.warn("revocations_older", {{"version", config.revocation_version},
                                          {"known", config_->revocation_version}});
    config.revocation_version = config_->revocation_version;
    config.withdrawn_devices = config_->withdrawn_devices;
  }
  member_.revocation_version = std::max(member_.revocation_version, config.revocation_version);
}

void membership_desk::spread(const std::optional<published_policy>& policy) {
  if (!policy) {
    return;
  }
  for (auto* each : parts_.workers) {
    net::asio::post(each->executor(), [each, policy] { each->publish(*policy); });
  }
}

void membership_desk::spread_revocations(const published_config& config) {
  std::vector<device_withdrawal> listed;
  listed.reserve(config.withdrawn_devices.size());
  for (const auto& each : config.withdrawn_devices) {
    listed.push_back({.device_id = each.device_id, .how = withdrawal_by(each.how)});
  }
  const auto devices = std::make_shared<const std::vector<device_withdrawal>>(std::move(listed));
  for (auto* each : parts_.workers) {
    net::asio::post(each->executor(), [each, devices] { each->revoke(*devices); });
  }
}

void membership_desk::spread_rotations(const published_config& config) {
  const auto order = node_keys_.take(config.node_keys_version, config.rotated_nodes);
  if (!order) {
    return;
  }
  const auto shared = std::make_shared<const recheck_order>(*order);
  for (auto* each : parts_.workers) {
    net::asio::post(each->executor(), [each, shared] { each->heed_rotation(*shared); });
  }
}

bool membership_desk::is_behind(const heartbeat_answer& heard) const noexcept {
  const auto listed = config_ ? config_->revocation_version : 0;
  return heard.key_set_version > key_set_version_ || heard.revocation_version > listed ||
         !member_.approved;
}

void membership_desk::open_state() {
  if (const auto opened = parts_.state.open(member_.gateway_id); !opened) {
    parts_.log.error("state_not_opened", {{"outcome", opened.error()}});
  }
}

void membership_desk::take_up_state() {
  const auto known = verify_keys(member_, 0);
  if (!known) {
    parts_.log.error("state_refused", {{"outcome", known.error()}});
    return;
  }
  const state_demands demands{.root = known->root(),
                              .now = base::real_clock().system_now(),
                              .least_key_set_version = known->version(),
                              .least_revocation_version = member_.revocation_version,
                              .approved = member_.approved};
  if (auto kept = parts_.state.restore(demands)) {
    take_up(std::move(*kept));
  }
}

void membership_desk::take_up(restored_state kept) {
  config_ = std::move(kept.config);
  member_.key_set = config_->key_set;
  member_.revocation_version = config_->revocation_version;
  heard_ = now() - std::chrono::duration_cast<base::duration>(kept.silent_for);
  spread_revocations(*config_);
  parts_.state.use(config_);
  if (config_->draining) {
    parts_.follow(service_order::drain);
  }
}

}
