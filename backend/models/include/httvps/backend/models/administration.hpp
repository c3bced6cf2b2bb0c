#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class admin_role { read_only, support, admin };
BOOST_DESCRIBE_ENUM(admin_role, read_only, support, admin)

struct api_token {
  admin_id id;
  std::string name;
  std::string hash;
  admin_role role = admin_role::admin;
  base::system_time created_at;
  std::optional<base::system_time> revoked_at;
};

constexpr bool reaches(admin_role held, admin_role least) noexcept {
  return static_cast<int>(held) >= static_cast<int>(least);
}

struct audit_entry {
  audit_id id;
  base::system_time at;
  std::string actor;
  std::string request_id;
  std::string action;
  std::string object;
  std::string detail;
};

struct page_request {
  std::string after;
  std::uint32_t size = 50;
};

template <typename Item>
struct page {
  std::vector<Item> items;
  bool more = false;
  std::string looked_to = {};
};

}
