#pragma once

#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::string_view enrolment_link_scheme = "httvps://";
inline constexpr std::size_t enrolment_link_limit = 8192;

struct enrolment_link {
  std::string shown_address;
  public_key root;
  std::string key_set;
  std::string config;
  std::string ticket;

  bool operator==(const enrolment_link&) const = default;
};

struct verified_enrolment {
  key_set keys;
  config_claims config;
  ticket_claims ticket;
};

base::result<std::string> build_enrolment_link(const enrolment_link& link);
base::result<enrolment_link> parse_enrolment_link(std::string_view text);
base::result<verified_enrolment> verify_enrolment_link(const enrolment_link& link,
                                                       base::system_time now);

}
