#include "deployment.hpp"

#include <stdexcept>

#include "home_files.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::test_support {
namespace {

constexpr std::size_t cheap_memory = 8192;

template <typename Value>
Value must(base::result<Value> outcome) {
  if (!outcome) {
    throw std::runtime_error(std::string(base::label_of(outcome.error())));
  }
  return *std::move(outcome);
}

services::field_cipher make_cipher() {
  return must(services::field_cipher::from_key(
      base::secret_bytes(base::byte_vector(services::field_key_size, 0x5a))));
}

struct migrated_database {
  migrated_database() {
    const auto address = must(storage::database_address::parse(database.dsn()));
    const auto store = must(storage::sql_store::open({.address = address, .connections = 1}));
    must(store->migrate_up());
  }

  test_servers::postgresql_database database;
};

const std::string& migrated_template() {
  static const migrated_database made;
  return made.database.name();
}

std::string pin_of(std::uint8_t fill) {
  return identity::public_key{base::byte_array<32>{fill}}.to_base64url();
}

}

store_home::store_home() {
  if (test_servers::chosen_engine() == test_servers::test_engine::postgresql) {
    database_.emplace(migrated_template());
  }
}

std::unique_ptr<storage::sql_store> store_home::open(storage::store_options chosen) const {
  const auto dsn = database_ ? database_->dsn() : home_files::wanted();
  if (!dsn.empty()) {
    chosen.address = must(storage::database_address::parse(dsn));
  }
  home_files::note_opened(dsn);
  auto opened = must(storage::sql_store::open(chosen));
  must(opened->migrate_up());
  return opened;
}

deployment::deployment(services::join_approval approval)
    : store(home.open({.connections = 2})),
      cipher(make_cipher()),
      root(identity::signing_key::generate(random)),
      authority(must(services::signing_authority::open(
          {.storage = *store, .cipher = cipher, .clock = clock, .random = random}, root))),
      fleet(*store, clock),
      live(clock),
      tools{.storage = *store,
            .authority = authority,
            .cipher = cipher,
            .clock = clock,
            .random = random,
            .fleet = fleet},
      gateway_box(identity::box_key::generate(random)),
      access(tools),
      admin_tokens(tools),
      passwords({.passes = 1, .memory = cheap_memory}),
      admins(tools, passwords),
      sessions(tools, passwords),
      audit({.storage = *store, .clock = clock, .random = random}),
      accounts(tools),
      credentials(tools),
      devices(tools),
      gateways(tools, {.secret_hash = services::hash_secret(join_secret), .approval = approval}),
      idempotency(tools),
      keys(tools),
      nodes(tools),
      policies(tools),
      quota(tools),
      refusals(tools),
      settings(tools, {}),
      trust(tools, *store),
      usage(tools),
      proof(tools, settings, std::chrono::days(35)),
      validation(tools, &live),
      withdrawals(tools) {}

services::admin_actor deployment::admin() const {
  return {.id = models::admin_id::make(clock.system_now(), random),
          .name = "tester",
          .request_id = "request-1",
          .role = models::admin_role::admin};
}

models::user deployment::add_user(const std::string& name) {
  return must(accounts.add_user(admin(), {.name = name, .email = {}, .note = ""}));
}

models::plan deployment::add_plan(models::plan terms) {
  if (terms.code.empty()) {
    terms.code = "basic";
  }
  terms.name = terms.code;
  return must(accounts.add_plan(admin(), {.terms = std::move(terms)}));
}

services::subscription_report deployment::subscribe(const models::user& user,
                                                    const models::plan& terms) {
  return must(accounts.add_subscription(
      admin(), {.user = user.id, .plan = terms.id, .starts_at = {}, .expires_at = {}}));
}

services::join_order deployment::join_order_for(const std::string& name) const {
  return {.secret = base::secret_bytes::from_text(join_secret),
          .name = name,
          .region = "eu",
          .host = name + ".example",
          .addresses = {"192.0.2.1:443"},
          .pins = {pin_of(1), pin_of(2)},
          .x25519_public = gateway_box.public_part().to_base64url()};
}

services::joined_gateway deployment::join(const std::string& name) {
  return must(gateways.join(join_order_for(name)));
}

models::node deployment::add_node(const std::string& name, std::uint32_t weight) {
  return must(nodes.add(admin(), {.name = name,
                                  .region = "eu",
                                  .access_key = base::secret_bytes::from_text(node_link),
                                  .weight = weight}))
      .report.node;
}

models::node deployment::add_agent_node(const std::string& name) {
  return must(nodes.add(admin(), {.name = name, .region = "eu", .host = "192.0.2.9", .port = 9000}))
      .report.node;
}

std::string deployment::ticket_for(const models::user& user, const models::gateway& gateway,
                                   std::uint32_t uses) {
  const auto issued =
      must(devices.issue_link(admin(), {.user = user.id, .gateway = gateway.id, .uses = uses}));
  return must(identity::parse_enrolment_link(issued.link.reveal_text())).ticket;
}

base::result<enrolled> deployment::try_enrol(const std::string& ticket,
                                             const models::gateway& gateway) {
  auto key = identity::signing_key::generate(random);
  HTTVPS_TRY(auto answer, devices.enrol(gateway, {.ticket = ticket,
                                                  .device_key = key.public_part().to_base64url(),
                                                  .name = "laptop",
                                                  .platform = "linux"}));
  return enrolled{.key = std::move(key), .answer = std::move(answer)};
}

enrolled deployment::enrol(const models::user& user, const models::gateway& gateway) {
  return must(try_enrol(ticket_for(user, gateway), gateway));
}

models::traffic deployment::used_by(const models::subscription_id& id) {
  return must(accounts.subscription(id)).used;
}

services::validation_outcome deployment::validate(const models::gateway& gateway,
                                                  const std::string& token,
                                                  const std::string& session) {
  return must(validation.validate(gateway, {.token = token, .session = session}));
}

}
