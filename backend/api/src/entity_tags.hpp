#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "route.hpp"

namespace httvps::backend::api {

enum class tag_comparison { strong, weak };

struct sent_tag {
  std::string text;
  tag_comparison fit_for = tag_comparison::strong;
};

struct sent_tags {
  bool any = false;
  std::vector<sent_tag> listed;

  bool name(std::string_view tag) const noexcept;
  services::entity_condition condition() const;
};

answer<std::optional<sent_tags>> read_tags(const net::http_request& request,
                                           std::string_view header);
std::string entity_tag_header(const services::entity_tag& tag, std::string_view representation);
answer<void> note_condition(const route& found, call& made);
answer<plain_body> unless_known(const call& made, plain_body body);
answer<void> require_patch_type(const net::http_request& request);

}
