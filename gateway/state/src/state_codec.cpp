#include <algorithm>
#include <utility>

#include "httvps/gateway/state/errc.hpp"
#include "httvps/gateway/state/gateway_state.hpp"
#include "state_fields.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t withdrawn_devices_most = 100'000;
constexpr std::uint64_t session_limit_most = 65'536;
constexpr std::uint64_t weight_most = 1'000;

void write(state_writer& out, const withdrawn_device& each) {
  out.text(each.device_id);
  out.number(static_cast<std::uint64_t>(each.how));
}

void write(state_writer& out, const quota_memory& each) {
  out.text(each.subscription);
  out.number(each.remaining);
  out.number(each.offline_used);
}

void write(state_writer& out, const granted_node& each) {
  out.text(each.node_id);
  out.text(each.name);
  out.text(each.access_url.reveal_text());
}

void write(state_writer& out, const validation_cache::kept_device& each) {
  out.text(each->device_id);
  out.text(each->subscription_id);
  out.text(each->plan_id);
  out.number(std::uint64_t{each->policy.session_limit});
  out.number(each->policy.up_bps);
  out.number(each->policy.down_bps);
  out.flag(each->quota.has_value());
  if (each->quota) {
    out.number(each->quota->remaining);
    out.number(each->quota->offline_bytes);
  }
  out.time(each->ends_at);
  out.time(each->validated_at);
}

void write(state_writer& out, const grant_memory::kept_grant& each) {
  out.text(each->device_id);
  for (const auto& offer : each->offers) {
    out.flag(true);
    out.text(offer.node_id);
    out.number(std::uint64_t{offer.weight});
  }
  out.flag(false);
}

template <typename Entry>
void write_all(state_writer& out, const std::vector<Entry>& all) {
  for (const auto& each : all) {
    out.flag(true);
    write(out, each);
  }
  out.flag(false);
}

template <typename Entry>
void write_while_below(state_writer& out, const std::vector<Entry>& all, std::size_t most) {
  for (const auto& each : all) {
    if (out.size() >= most) {
      break;
    }
    out.flag(true);
    write(out, each);
  }
  out.flag(false);
}

void write(state_writer& out, const published_config& config) {
  out.text(config.path);
  out.text(config.cookie);
  out.text(config.key_set);
  out.flag(config.draining);
  out.number(config.revocation_version);
  write_all(out, config.withdrawn_devices);
}

void read(state_reader& in, withdrawn_device& each) {
  each.device_id = in.text();
  const auto how = in.number();
  in.require(how <= static_cast<std::uint64_t>(suspension::of_subscription));
  each.how = in.is_sound() ? static_cast<suspension>(how) : suspension::none;
}

void read(state_reader& in, quota_memory& each) {
  each.subscription = in.text();
  each.remaining = in.number();
  each.offline_used = in.number();
}

void read(state_reader& in, granted_node& each) {
  each.node_id = in.text();
  each.name = in.text();
  each.access_url = in.secret();
}

void read(state_reader& in, validation_cache::kept_device& each) {
  validated_device device;
  device.device_id = in.text();
  device.subscription_id = in.text();
  device.plan_id = in.text();
  const auto limit = in.number();
  in.require(limit >= 1 && limit <= session_limit_most);
  device.policy.session_limit = static_cast<std::uint32_t>(limit);
  device.policy.up_bps = in.number_or_none();
  device.policy.down_bps = in.number_or_none();
  if (in.flag()) {
    const auto remaining = in.number();
    device.quota = remembered_quota{.remaining = remaining, .offline_bytes = in.number()};
  }
  device.ends_at = in.time_or_none();
  device.validated_at = in.time();
  each = std::make_shared<const validated_device>(std::move(device));
}

void read(state_reader& in, grant_memory::kept_grant& each) {
  device_grant grant{.device_id = in.text(), .offers = {}};
  while (in.flag()) {
    auto node = in.text();
    const auto weight = in.number();
    in.require(weight >= 1 && weight <= weight_most);
    in.require(grant.offers.size() < nodes_of_a_grant_most);
    grant.offers.push_back(
        {.node_id = std::move(node), .weight = static_cast<std::uint32_t>(weight)});
  }
  each = std::make_shared<const device_grant>(std::move(grant));
}

template <typename Entry>
std::vector<Entry> read_all(state_reader& in, std::size_t most) {
  std::vector<Entry> all;
  while (in.flag()) {
    in.require(all.size() < most);
    Entry each;
    read(in, each);
    all.push_back(std::move(each));
  }
  return all;
}

published_config read_config(state_reader& in) {
  published_config config;
  config.path = in.text();
  config.cookie = in.text();
  config.key_set = in.text();
  config.draining = in.flag();
  config.revocation_version = in.number();
  config.withdrawn_devices = read_all<withdrawn_device>(in, withdrawn_devices_most);
  return config;
}

}

base::result<base::secret_bytes> encode_state(const gateway_state& state, std::size_t most) {
  state_writer out(most);
  out.number(state.sequence);
  out.time(state.saved_at);
  out.time(state.heard_at);
  out.flag(state.approved);
  write(out, *state.config);
  write_all(out, state.quotas);
  write_all(out, state.nodes);
  const auto slack = most / 16;
  write_while_below(out, state.devices, out.size() + (most - out.size()) * 3 / 4 - slack);
  write_while_below(out, state.grants, most - slack);
  if (!out.is_sound()) {
    return base::fail(state_errc::state_too_large);
  }
  return out.take();
}

base::result<gateway_state> decode_state(base::byte_view content) {
  state_reader in(content);
  gateway_state state;
  state.sequence = in.number();
  state.saved_at = in.time();
  state.heard_at = in.time();
  state.approved = in.flag();
  auto config = read_config(in);
  config.approved = state.approved;
  state.config = std::make_shared<const published_config>(std::move(config));
  state.quotas = read_all<quota_memory>(in, remembered_quotas_most);
  state.nodes = read_all<granted_node>(in, granted_nodes_most);
  state.devices = read_all<validation_cache::kept_device>(in, validated_devices_most);
  state.grants = read_all<grant_memory::kept_grant>(in, granted_devices_most);
  if (!in.is_at_end()) {
    return base::fail(state_errc::state_damaged);
  }
  return state;
}

}
