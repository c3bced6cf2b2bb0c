#include "httvps/backend/services/key_service.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "httvps/backend/models/usage.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/shadowsocks/access_key.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::uint64_t most_epochs = 64;
constexpr std::uint64_t fixed_revision = 1;
constexpr std::size_t most_keys = 4096;

base::secret_bytes as_secret_document(const base::secret_bytes& secret) {
  const auto text = secret.reveal_text();
  const boost::json::object document{
      {"secret", boost::json::string_view(text.data(), text.size())}};
  return base::secret_bytes::from_text(boost::json::serialize(document));
}

class key_envelope {
 public:
  key_envelope(const service_tools& tools, const identity::box_public_key& recipient)
      : tools_(tools), recipient_(recipient) {}

  base::result<std::string> seal(const base::secret_bytes& secret) const {
    const auto sealed = identity::seal_to(recipient_, as_secret_document(secret), tools_.random);
    if (!sealed) {
      return base::fail(errc::signing_failed);
    }
    return base::to_base64url(*sealed);
  }

 private:
  const service_tools& tools_;
  identity::box_public_key recipient_;
};

base::result<wanted_list> fixed_list(repositories& tables, const service_tools& tools,
                                     const models::node_id& node, const key_envelope& envelope) {
  HTTVPS_TRY(const auto key, required(tables.access_keys.find_current(node), errc::storage_failed));
  HTTVPS_TRY(const auto url, tools.cipher.open(url_cell(key.id), key.sealed_url));
  const auto parsed = shadowsocks::parse_access_key(url.reveal_text());
  if (!parsed) {
    return base::fail(errc::storage_failed);
  }
  HTTVPS_TRY(auto sealed, envelope.seal(parsed->password));
  wanted_list list{.revision = fixed_revision, .keys = {}};
  list.keys.push_back({.id = key.id.text(),
                       .generation = key.generation,
                       .method = key.method,
                       .sealed_secret = std::move(sealed)});
  return list;
}

base::result<wanted_list> issued_list(repositories& tables, const service_tools& tools,
                                      const models::keyring& ring, const key_envelope& envelope) {
  HTTVPS_TRY(const auto keys, tables.gateway_keys.listed_by_node(ring.node));
  if (keys.size() > most_keys) {
    return base::fail(errc::too_many_keys);
  }
  wanted_list list{.revision = ring.revision, .keys = {}};
  for (const auto& key : keys) {
    HTTVPS_TRY(const auto secret, tools.cipher.open(secret_cell(key.id), key.sealed_secret));
    HTTVPS_TRY(auto sealed, envelope.seal(secret));
    list.keys.push_back({.id = key.id.text(),
                         .generation = key.generation,
                         .method = key.method,
                         .sealed_secret = std::move(sealed)});
  }
  return list;
}

base::result<std::map<std::string, models::gateway_id>> holders_of(repositories& tables,
                                                                   const counter_report& report,
                                                                   const models::node_id& node) {
  std::map<std::string, models::gateway_id> holders;
  for (const auto& row : report.rows) {
    HTTVPS_TRY(const auto key,
               tables.gateway_keys.find(models::access_key_id::trusted(row.key_id)));
    if (key && key->node == node) {
      holders[row.key_id] = key->gateway;
    }
  }
  return holders;
}

struct counting {
  models::node_id node;
  std::string epoch;
  base::system_time now;
};

struct held_row {
  const counted_key& row;
  const models::gateway_id& gateway;
};

base::result<> count_row(repositories& tables, const counting& where, const held_row& counted) {
  const auto key = models::access_key_id::trusted(counted.row.key_id);
  HTTVPS_TRY(const auto before,
             tables.key_counters.find({.node = where.node, .epoch = where.epoch, .key = key}));
  const auto seen = before.value_or(models::key_traffic{});
  const auto grown = models::growth(seen, counted.row.counted);
  HTTVPS_CHECK(tables.key_counters.save({.node = where.node,
                                         .epoch = where.epoch,
                                         .key = key,
                                         .counted = models::highest(seen, counted.row.counted),
                                         .received_at = where.now}));
  if (grown.up + grown.down == 0) {
    return {};
  }
  return tables.key_counters.add({.day = models::day_of(where.now),
                                  .node = where.node,
                                  .key = key,
                                  .gateway = counted.gateway,
                                  .up = grown.up,
                                  .down = grown.down});
}

}

base::result<std::optional<wanted_list>> key_service::wanted(const models::node& node,
                                                             const wanted_order& order) const {
  const auto recipient = identity::box_public_key::from_base64url(order.x25519_public);
  if (!recipient) {
    return base::fail(errc::box_key_invalid);
  }
  const key_envelope envelope(tools_, *recipient);
  using answer = std::optional<wanted_list>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<answer> {
    HTTVPS_TRY(const auto ring, find_keyring(tables, tools_, node.id));
    if (order.held_revision == (ring ? ring->revision : fixed_revision)) {
      return answer();
    }
    HTTVPS_TRY(auto list, ring ? issued_list(tables, tools_, *ring, envelope)
                               : fixed_list(tables, tools_, node.id, envelope));
    return answer(std::move(list));
  });
}

base::result<std::vector<node_revision>> key_service::revisions() const {
  if (!has_key_schema(tools_)) {
    return std::vector<node_revision>();
  }
  return read_from(tools_.storage,
                   [](repositories& tables) { return tables.keyrings.revisions(); });
}

base::result<> key_service::acknowledge(const models::node& node,
                                        const key_acknowledgement& told) const {
  if (!has_key_schema(tools_)) {
    return {};
  }
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto ring, tables.keyrings.find(node.id));
    if (!ring) {
      return {};
    }
    const auto now = tools_.clock.system_now();
    const bool runs = told.verdict == rollout_verdict::running;
    if (runs) {
      HTTVPS_CHECK(activate_listed(tables, node.id, told.key_ids, now));
      ring->running_revision = told.revision;
    }
    if (told.revision == ring->revision) {
      ring->rollout = runs ? models::rollout_state::running : models::rollout_state::failed;
      ring->reason = told.reason;
    }
    ring->told_at = now;
    return tables.keyrings.update(*ring);
  });
}

base::result<> key_service::count(const models::node& node, const counter_report& report) const {
  if (!has_key_schema(tools_)) {
    return {};
  }
  const auto now = tools_.clock.system_now();
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto is_known, tables.key_counters.knows_epoch(node.id, report.epoch));
    HTTVPS_TRY(const auto epochs, tables.key_counters.count_epochs(node.id));
    if (!is_known && epochs >= most_epochs) {
      return base::fail(errc::too_many_epochs);
    }
    HTTVPS_TRY(const auto holders, holders_of(tables, report, node.id));
    const counting where{.node = node.id, .epoch = report.epoch, .now = now};
    for (const auto& row : report.rows) {
      const auto holder = holders.find(row.key_id);
      const bool is_own = holder != holders.end();
      HTTVPS_CHECK(is_own ? count_row(tables, where, {row, holder->second}) : base::result<>());
    }
    return {};
  });
}

}
