#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "httvps/identity/document.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/identity/policy.hpp"

namespace httvps::testing {

struct test_device {
  std::string id;
  identity::signing_key key;
};

test_device make_device(const std::string& id);

struct token_terms {
  std::chrono::seconds expired_for{-1800};
  std::vector<std::string> gateways = {"gw_test"};
};

class deployment {
 public:
  deployment();

  const identity::public_key& root() const noexcept { return root_.public_part(); }
  std::string key_set(std::chrono::seconds lasts = identity::key_set_lifetime) const;
  std::uint64_t key_set_version() const noexcept { return version_; }
  void rotate();
  std::string policy(std::uint64_t version) const;

  std::string token_for(const test_device& device, const token_terms& terms = {}) const;
  std::string forged_token_for(const test_device& device) const;
  std::string ticket(std::chrono::seconds lasts = std::chrono::hours(1)) const;
  base::result<identity::verified_access> verify(const std::string& token) const;

  std::string gateway_id = "gw_test";
  std::string path = "/assets/5b9c1d2e7f";
  std::string cookie = "sid_4d7a";
  std::string served_key_set;

 private:
  identity::access_claims claims_for(const test_device& device, const token_terms& terms) const;

  identity::signing_key root_;
  std::vector<identity::signing_key> signers_;
  std::uint64_t version_ = 1;
};

}
