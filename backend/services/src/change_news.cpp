#include "httvps/backend/services/change_news.hpp"

#include <optional>
#include <ranges>

#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view terms_setting = "terms_version";
constexpr std::string_view keys_setting = "node_keys_version";

std::vector<std::string> names_behind_the_version(std::string_view text) {
  std::vector<std::string> names;
  for (const auto name : text | std::views::split(' ') | std::views::drop(1)) {
    names.emplace_back(name.begin(), name.end());
  }
  return names;
}

change_news news_in(const std::optional<std::string>& stored) {
  return {.version = version_in(stored),
          .changed = stored ? names_behind_the_version(*stored) : std::vector<std::string>()};
}

std::string text_of(const change_news& news) {
  auto text = std::to_string(news.version);
  for (const auto& each : news.changed) {
    text.append(" ").append(each);
  }
  return text;
}

base::result<change_news> find_news(repositories& tables, std::string_view setting) {
  HTTVPS_TRY(const auto stored, tables.settings.find(setting));
  return news_in(stored);
}

base::result<> note_change(repositories& tables, std::string_view setting,
                           std::string_view subject) {
  HTTVPS_TRY(auto news, find_news(tables, setting));
  ++news.version;
  news.changed.emplace(news.changed.begin(), subject);
  if (news.changed.size() > most_changes_told) {
    news.changed.resize(most_changes_told);
  }
  return tables.settings.save({.key = std::string(setting), .value = text_of(news)});
}

}

base::result<change_news> find_terms_news(repositories& tables) {
  return find_news(tables, terms_setting);
}

base::result<> note_changed_terms(repositories& tables, std::string_view subject) {
  return note_change(tables, terms_setting, subject);
}

base::result<change_news> find_key_news(repositories& tables) {
  return find_news(tables, keys_setting);
}

base::result<> note_rotated_keys(repositories& tables, const models::node_id& node) {
  return note_change(tables, keys_setting, node.text());
}

}
