#pragma once

#include "rate_gate.hpp"
#include "refusal_notes.hpp"
#include "route.hpp"

namespace httvps::backend::api {

inline rate_means rates_of(const api_surroundings& around) {
  return {.clock = around.clock, .buckets = around.buckets};
}

class gate {
 public:
  gate(const service_set& services, const api_surroundings& around);

  answer<void> admit(const route& found, call& made) const;
  void use_rates(const call_rates& chosen) const;

 private:
  answer<void> admit_rate(const rate_gate& limit, std::string_view who, call& made) const;
  answer<void> admit_admin(const route& found, call& made) const;
  answer<void> check_rights(const route& found, const services::admin_actor& actor) const;
  answer<void> admit_joining(call& made) const;
  answer<void> admit_gateway(call& made, std::string_view header) const;
  answer<void> admit_waiting_gateway(call& made) const;
  answer<void> admit_enrolling(call& made) const;
  answer<void> admit_device(call& made) const;
  answer<void> admit_node(call& made) const;

  service_set services_;
  const base::clock& clock_;
  rate_gate joins_;
  rate_gate enrolments_;
  rate_gate admins_;
  rate_gate devices_;
  refusal_notes refusals_;
};

}
