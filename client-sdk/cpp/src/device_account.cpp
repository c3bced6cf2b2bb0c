#include "httvps/sdk/device_account.hpp"

#include <algorithm>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

base::error meaning_of(const base::error& failure) {
  const bool outdated = failure == identity::errc::key_set_expired ||
                        failure == identity::errc::token_expired ||
                        failure == identity::errc::config_expired;
  if (outdated) {
    return errc::enrolment_outdated;
  }
  return failure == identity::errc::token_not_yet_valid ? base::error(errc::clock_wrong) : failure;
}

base::system_time lease_end_of(const fresh_documents& fresh, base::system_time now) {
  return std::clamp(fresh.lease_until.value_or(now + config_lease), now + least_config_lease,
                    now + longest_config_lease);
}

template <typename T>
base::result<T> with_own_errors(base::result<T> outcome) {
  if (!outcome) {
    return base::fail(meaning_of(outcome.error()));
  }
  return outcome;
}

}

base::result<device_account> device_account::make(identity::signing_key key,
                                                  enrolment_record record, base::system_time now) {
  HTTVPS_TRY(auto keys, with_own_errors(identity::key_set::verify(
                            record.key_set, {.root = record.root, .now = now})));
  device_account account(std::move(key), std::move(record), std::move(keys));
  HTTVPS_CHECK(account.verify(now));
  account.read_kept_policy(now);
  account.lease_until_ = account.config_.issued + config_lease;
  return account;
}

base::result<device_account> device_account::load(const state_store& store, base::system_time now) {
  HTTVPS_TRY(auto record, store.load_record());
  HTTVPS_TRY(auto key, store.load_key());
  return make(std::move(key), std::move(record), now);
}

base::result<> device_account::verify(base::system_time now) {
  const identity::document_check check{
      .keys = keys_, .now = now, .grace = identity::expiry_grace::renewal()};
  HTTVPS_TRY(auto access, with_own_errors(identity::verify_access_token(token(), check)));
  if (access.claims.device_key != key_.public_part()) {
    return base::fail(errc::wrong_device);
  }
  HTTVPS_TRY(config_, with_own_errors(identity::verify_config(record_.config, check)));
  access_ = std::move(access.claims);
  if (gateways().empty()) {
    return base::fail(errc::no_permitted_gateway);
  }
  return {};
}

bool device_account::wants_config(std::string_view key_set, base::system_time now) const noexcept {
  return region_pending_ || key_set != record_.key_set || now >= lease_until_;
}

void device_account::choose_region(std::string region) {
  region_pending_ = !region.empty();
  region_ = std::move(region);
}

base::result<> device_account::refresh(const fresh_documents& fresh, base::system_time now) {
  auto record = record_;
  record.token = base::secret_bytes::from_text(fresh.token);
  record.key_set = fresh.key_set;
  record.config = fresh.config.value_or(record_.config);
  auto keys = keys_;
  HTTVPS_CHECK(with_own_errors(keys.replace(record.key_set, now)));
  device_account changed(key_, std::move(record), std::move(keys));
  HTTVPS_CHECK(changed.verify(now));
  if (changed.config_.version < config_.version) {
    return base::fail(errc::config_rollback);
  }
  changed.lease_until_ = fresh.config ? lease_end_of(fresh, now) : lease_until_;
  changed.policy_ = policy_;
  changed.region_ = region_;
  changed.region_pending_ = region_pending_ && !fresh.config;
  *this = std::move(changed);
  return {};
}

std::vector<identity::gateway_entry> device_account::gateways() const {
  std::vector<identity::gateway_entry> permitted;
  std::ranges::copy_if(
      config_.gateways, std::back_inserter(permitted),
      [this](const identity::gateway_entry& entry) { return access_.allows_gateway(entry.id); });
  return permitted;
}

base::system_time device_account::renew_at() const noexcept {
  return access_.issued + (access_.expires - access_.issued) / 100 * renewal_percent;
}

}
