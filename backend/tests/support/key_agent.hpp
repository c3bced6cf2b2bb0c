#pragma once

#include <map>
#include <string>

#include "deployment.hpp"

namespace httvps::backend::test_support {

class key_agent {
 public:
  key_agent(deployment& world, models::node node);

  bool fetch();
  void acknowledge(services::rollout_verdict verdict = services::rollout_verdict::running);
  void roll_out();
  const std::map<std::string, std::string>& secrets() const noexcept { return secrets_; }
  std::uint64_t revision() const noexcept { return revision_; }
  bool accepts(std::string_view secret) const;

 private:
  deployment& world_;
  models::node node_;
  identity::box_key box_;
  std::uint64_t revision_ = 0;
  std::map<std::string, std::string> secrets_;
};

}
