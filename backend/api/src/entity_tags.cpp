#include "entity_tags.hpp"

#include <algorithm>

#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::size_t most_tags = 32;
constexpr std::size_t representation_letters = 11;
constexpr std::string_view weak_mark = "W/";
constexpr std::string_view patch_types[] = {"application/merge-patch+json", "application/json"};

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_tag_letter(char letter) noexcept {
  const auto code = static_cast<unsigned char>(letter);
  return code == 0x21 || (code >= 0x23 && code != 0x7f);
}

std::string joined(const net::http_request& request, std::string_view header) {
  std::string text;
  for (const auto& field : request.headers) {
    if (net::equals_ignoring_case(field.name, header)) {
      text.append(text.empty() ? "" : ",").append(field.value);
    }
  }
  return text;
}

std::optional<sent_tag> take_tag(std::string_view& rest) {
  sent_tag taken;
  if (rest.starts_with(weak_mark)) {
    rest.remove_prefix(weak_mark.size());
    taken.fit_for = tag_comparison::weak;
  }
  const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  taken.text = rest.substr(1, end - 1);
  rest = trimmed(rest.substr(end + 1));
  const bool is_last = rest.empty();
  if (!std::ranges::all_of(taken.text, is_tag_letter) || (!is_last && !rest.starts_with(','))) {
    return std::nullopt;
  }
  rest = trimmed(rest.substr(is_last ? 0 : 1));
  return is_last || !rest.empty() ? std::optional(std::move(taken)) : std::nullopt;
}

std::string_view entity_part(std::string_view tag) noexcept {
  return tag.substr(0, tag.find('.'));
}

}

bool sent_tags::name(std::string_view tag) const noexcept {
  return any || std::ranges::find(listed, tag, &sent_tag::text) != listed.end();
}

services::entity_condition sent_tags::condition() const {
  if (any) {
    return {};
  }
  std::vector<services::entity_tag> accepted;
  for (const auto& one : listed) {
    if (one.fit_for == tag_comparison::strong) {
      accepted.push_back({.text = std::string(entity_part(one.text))});
    }
  }
  return services::entity_condition(std::move(accepted));
}

answer<std::optional<sent_tags>> read_tags(const net::http_request& request,
                                           std::string_view header) {
  if (!request.headers.find(header)) {
    return std::optional<sent_tags>();
  }
  const auto text = joined(request, header);
  std::string_view rest = trimmed(text);
  if (rest == "*") {
    return std::optional(sent_tags{.any = true, .listed = {}});
  }
  sent_tags found;
  while (!rest.empty() && found.listed.size() <= most_tags) {
    auto tag = take_tag(rest);
    if (!tag) {
      return std::unexpected(problems::precondition_invalid());
    }
    found.listed.push_back(*std::move(tag));
  }
  if (found.listed.empty() || found.listed.size() > most_tags) {
    return std::unexpected(problems::precondition_invalid());
  }
  return std::optional(std::move(found));
}

std::string entity_tag_header(const services::entity_tag& tag, std::string_view representation) {
  const auto shown = services::hash_secret(representation).substr(0, representation_letters);
  return std::string("\"").append(tag.text).append(".").append(shown).append("\"");
}

answer<void> note_condition(const route& found, call& made) {
  if (found.tags != tag_rule::accepted && found.tags != tag_rule::demanded) {
    return {};
  }
  HTTVPS_TRY(const auto wanted, read_tags(made.request, "If-Match"));
  if (wanted && made.admin) {
    made.admin->condition = wanted->condition();
  }
  if (!wanted && found.tags == tag_rule::demanded) {
    return std::unexpected(problems::precondition_required());
  }
  return {};
}

answer<plain_body> unless_known(const call& made, plain_body body) {
  const auto tag = body.headers.find("ETag");
  if (!tag || (made.request.method != "GET" && made.request.method != "HEAD")) {
    return body;
  }
  HTTVPS_TRY(const auto known, read_tags(made.request, "If-None-Match"));
  if (known && known->name(tag->substr(1, tag->size() - 2))) {
    body.status = not_modified;
    body.content_type.clear();
    body.text.clear();
  }
  return body;
}

answer<void> require_patch_type(const net::http_request& request) {
  const auto sent = request.headers.find("Content-Type");
  if (!sent) {
    return {};
  }
  const auto type = trimmed(sent->substr(0, sent->find(';')));
  const bool is_known = std::ranges::any_of(
      patch_types, [&](std::string_view known) { return net::equals_ignoring_case(type, known); });
  return is_known ? answer<void>() : std::unexpected(problems::media_type_unsupported());
}

}
