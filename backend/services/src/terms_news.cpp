#include "httvps/backend/services/terms_news.hpp"

#include <optional>
#include <ranges>

#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view terms_setting = "terms_version";

std::vector<std::string> names_behind_the_version(std::string_view text) {
  std::vector<std::string> names;
  for (const auto name : text | std::views::split(' ') | std::views::drop(1)) {
    names.emplace_back(name.begin(), name.end());
  }
  return names;
}

terms_news news_in(const std::optional<std::string>& stored) {
  return {.version = version_in(stored),
          .changed = stored ? names_behind_the_version(*stored) : std::vector<std::string>()};
}

std::string text_of(const terms_news& news) {
  auto text = std::to_string(news.version);
  for (const auto& each : news.changed) {
    text.append(" ").append(each);
  }
  return text;
}

}

base::result<terms_news> find_terms_news(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(terms_setting));
  return news_in(stored);
}

base::result<> note_changed_terms(repositories& tables, std::string_view subject) {
  HTTVPS_TRY(auto news, find_terms_news(tables));
  ++news.version;
  news.changed.emplace(news.changed.begin(), subject);
  if (news.changed.size() > most_terms_changes) {
    news.changed.resize(most_terms_changes);
  }
  return tables.settings.save({.key = std::string(terms_setting), .value = text_of(news)});
}

}
