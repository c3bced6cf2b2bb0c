#include "httvps/wire/frame_encoder.hpp"
#include "session_core.hpp"

namespace httvps::wire {

void session::core::publish_policy(std::uint64_t version, std::string document) {
  if (options_.role == role::gateway && version > policy_.version &&
      document.size() <= policy_most) {
    policy_ = {.version = version, .document = std::move(document)};
    policy_sent_ = false;
  }
}

void session::core::use_keepalive(keepalive_range range) noexcept {
  options_.limits.keepalive_least = range.least;
  options_.limits.keepalive_most = range.most;
}

bool session::core::policy_due() const noexcept {
  return !policy_.document.empty() && !policy_sent_ && !ended_ && agreed(capability::policies);
}

void session::core::write_policy(const carrier_state& carrier, frame_writer& out,
                                 base::steady_time now) {
  if (policy_due()) {
    policy_sent_ = out.put(
        policy_frame{.version = policy_.version, .document = base::as_bytes(policy_.document)});
    policy_carrier_ = carrier.number;
    policy_sent_at_ = now;
  }
}

void session::core::forget_policy_on(const carrier_state& lost) noexcept {
  if (lost.number == policy_carrier_ && policy_sent_at_ >= lost.proved_until) {
    policy_sent_ = false;
  }
}

base::result<void> session::core::on(const policy_frame& frame, const receive_call&) {
  if (options_.role != role::client || !agreed(capability::policies)) {
    return base::fail(errc::frame_not_negotiated);
  }
  heard_policy_ = policy_received{.version = frame.version,
                                  .document = std::string(base::as_text(frame.document))};
  return {};
}

}
