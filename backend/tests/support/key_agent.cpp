#include "key_agent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "httvps/base/encoding.hpp"

namespace httvps::backend::test_support {
namespace {

std::string secret_in(const identity::box_key& box, const std::string& sealed) {
  const auto opened = box.open(base::from_base64url(sealed).value()).value();
  const auto text = opened.reveal_text();
  const auto document = boost::json::parse(boost::json::string_view(text.data(), text.size()));
  return std::string(document.at("secret").as_string());
}

}

key_agent::key_agent(deployment& world, models::node node)
    : world_(world), node_(std::move(node)), box_(identity::box_key::generate(world.random)) {}

bool key_agent::fetch() {
  const auto list = world_.keys.wanted(
      node_, {.held_revision = revision_, .x25519_public = box_.public_part().to_base64url()});
  EXPECT_TRUE(list);
  if (!list || !*list) {
    return false;
  }
  revision_ = (*list)->revision;
  secrets_.clear();
  for (const auto& key : (*list)->keys) {
    secrets_[key.id] = secret_in(box_, key.sealed_secret);
  }
  return true;
}

void key_agent::acknowledge(services::rollout_verdict verdict) {
  const bool runs = verdict == services::rollout_verdict::running;
  services::key_acknowledgement told{.revision = revision_,
                                     .verdict = verdict,
                                     .reason = runs ? "" : "server_did_not_load",
                                     .key_ids = {}};
  for (const auto& [id, secret] : secrets_) {
    told.key_ids.push_back(id);
  }
  EXPECT_TRUE(world_.keys.acknowledge(node_, told));
}

void key_agent::roll_out() {
  world_.clock.advance(services::key_round);
  EXPECT_TRUE(world_.keys.maintain());
  if (fetch()) {
    acknowledge();
  }
}

bool key_agent::accepts(std::string_view secret) const {
  return std::ranges::any_of(secrets_, [&](const auto& each) { return each.second == secret; });
}

}
