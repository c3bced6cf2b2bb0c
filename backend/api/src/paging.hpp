#pragma once

#include <optional>
#include <string>

#include "httvps/backend/api/problem.hpp"
#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/audit.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/models/usage.hpp"
#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/services/month_repository.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::api {

using page_size = schemas::whole<schemas::number_range{1, 1000000}>;

struct page_query {
  static constexpr std::string_view schema_name = "PageQuery";

  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(page_query, (), (page_size, page_token))

answer<models::page_request> to_page_request(const std::optional<page_size>& size,
                                             const std::optional<schemas::page_token>& token);
schemas::page_token to_page_token(const std::string& last_key);

using services::key_of;

inline std::string key_of(const models::usage_row& row) {
  return row.day + "/" + row.device.text() + "/" + row.node.text();
}
inline std::string key_of(const models::audit_line& line) {
  return std::to_string(line.seq);
}
inline std::string key_of(const models::credential& one) {
  return one.owner;
}
template <typename Item>
  requires requires(const Item& item) { item.id.text(); }
std::string key_of(const Item& item) {
  return item.id.text();
}
template <typename Item>
  requires requires(const Item& item) { item.subject.id; }
std::string key_of(const Item& item) {
  return item.subject.id.text();
}
template <typename Item>
  requires requires(const Item& item) { item.node.host; }
std::string key_of(const Item& item) {
  return item.node.id.text();
}
template <typename Item>
  requires requires(const Item& item) { item.gateway.x25519_public; }
std::string key_of(const Item& item) {
  return item.gateway.id.text();
}

template <typename Page, typename Item, typename View>
Page to_page(const models::page<Item>& found, View view) {
  Page page;
  for (const auto& item : found.items) {
    page.items.items.push_back(view(item));
  }
  if (found.more) {
    page.next_page_token =
        to_page_token(found.looked_to.empty() ? key_of(found.items.back()) : found.looked_to);
  }
  return page;
}

}
