#pragma once

#include "route.hpp"

namespace httvps::backend::api {

class gate {
 public:
  gate(const service_set& services, const api_surroundings& around);

  answer<void> admit(const route& found, call& made) const;

 private:
  answer<void> admit_admin(const route& found, call& made) const;
  answer<void> admit_joining(call& made) const;
  answer<void> admit_gateway(call& made, std::string_view header) const;
  answer<void> admit_enrolling(call& made) const;
  answer<void> admit_device(call& made) const;
  answer<void> admit_node(call& made) const;

  service_set services_;
  std::unique_ptr<rate_limiter> joins_;
  std::unique_ptr<rate_limiter> enrolments_;
};

}
