#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "httvps/backend/services/admission.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t most_own_devices = 1000;
inline constexpr std::size_t most_covered_regions = 256;

struct link_order {
  models::user_id user;
  models::gateway_id gateway;
  std::uint32_t uses = 1;
  std::chrono::seconds valid{std::chrono::hours(72)};
};

struct issued_link {
  base::secret_bytes link;
  base::system_time expires_at;
};

struct code_order {
  models::user_id user;
  models::gateway_id gateway;
};

struct issued_code {
  models::ticket_id ticket;
  base::secret_bytes code;
  base::system_time expires_at;
};

struct code_redemption {
  std::string code;
  std::string device_key;
  std::string address;
  std::string request_id;
};

struct enrolment {
  std::string ticket;
  std::string device_key;
  std::string name;
  std::string platform;
};

struct enrolled_device {
  models::device device;
  std::string token;
  std::string key_set;
  std::string config;
};

struct renewed_token {
  std::string token;
  std::string key_set;
};

struct device_config {
  std::string config;
  std::string key_set;
  base::system_time lease_until{};
};

struct device_report {
  device_holder holder;
  std::uint64_t devices = 0;
};

struct covered_region {
  std::string code;
  bool healthy = false;
};

struct proven_request {
  std::string_view header;
  identity::request_to_prove request;
  std::string attempt = {};
};

class device_service {
 public:
  explicit device_service(const service_tools& tools) : tools_(tools) {}

  base::result<issued_link> issue_link(const admin_actor& actor, const link_order& order) const;
  base::result<issued_code> issue_code(const admin_actor& actor, const code_order& order) const;
  base::result<issued_link> redeem_code(const code_redemption& wanted) const;
  base::result<enrolled_device> enrol(const models::gateway& gateway,
                                      const enrolment& wanted) const;
  base::result<models::device_id> authenticate(const proven_request& request) const;
  base::result<renewed_token> renew(const models::gateway& gateway,
                                    const models::device_id& device) const;
  base::result<device_config> config(const models::gateway& gateway,
                                     const models::device_id& device,
                                     std::string_view region = {}) const;
  base::result<device_report> report(const models::device_id& device) const;
  base::result<std::vector<models::device>> own_devices(const models::device_id& device) const;
  base::result<std::vector<covered_region>> regions(const models::device_id& device) const;
  base::result<models::device> revoke_own(const device_actor& actor,
                                          const models::device_id& device) const;
  base::result<models::page<models::device>> list(const device_filter& filter) const;
  base::result<models::device> revoke(const admin_actor& actor,
                                      const models::device_id& device) const;
  base::result<models::device> find(const models::device_id& id) const;
  base::result<models::device> rename(const admin_actor& actor, const models::device_id& id,
                                      const std::optional<std::string>& name) const;
  base::result<models::page<models::enrolment_ticket>> tickets(const ticket_filter& filter) const;
  base::result<models::enrolment_ticket> ticket(const models::ticket_id& id) const;
  base::result<models::enrolment_ticket> revoke_ticket(const admin_actor& actor,
                                                       const models::ticket_id& id) const;

 private:
  struct revocation {
    models::device device;
    std::string detail = {};
  };
  base::result<models::device> revoke_in(repositories& tables, const change_author& author,
                                         const revocation& wanted) const;
  base::result<models::device> admit_new(repositories& tables, const models::gateway& gateway,
                                         const enrolment& wanted) const;
  base::result<models::device> readmit(repositories& tables, const models::device& known,
                                       const models::ticket_id& ticket) const;

  service_tools tools_;
};

}
