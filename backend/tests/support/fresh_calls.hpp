#pragma once

#include <cstdint>
#include <string>

#include "api_document.hpp"
#include "life_world.hpp"

namespace httvps::backend::test_support {

bool is_about_one(const api_operation& one);

struct fresh_call {
  std::string method;
  std::string target;
  std::string entity;
  std::string body;
};

class fresh_calls {
 public:
  explicit fresh_calls(life_world& world);

  fresh_call prepare(const api_operation& one);
  api_reply send(const fresh_call& call, const net::http_fields& headers) const;
  std::string tag_of(const fresh_call& call) const;
  std::int64_t lines() const;

 private:
  void begin(bool waits_for_approval);
  std::string made_entity(const std::string& area);
  std::string made_of_accounts(const std::string& area);
  std::string made_of_the_pool(const std::string& area);
  std::string posted(const std::string& area, std::string_view holder = {});
  std::string body_for(const std::string& label);
  std::string unused(const std::string& stem);
  void lead_to(const fresh_call& call, const std::string& verb) const;

  life_world& world_;
  services::gateway_service strict_;
  models::user user_;
  models::plan plan_;
  services::subscription_report subscription_;
  models::gateway gateway_;
  std::uint32_t number_ = 0;
};

}
