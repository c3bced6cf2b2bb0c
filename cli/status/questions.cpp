#include "status/questions.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "errc.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"
#include "status/json_fields.hpp"

namespace httvps::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t answer_format = 1;
constexpr std::size_t depth_limit = 8;
constexpr std::string_view revoke_word = "revoke ";

struct named_kind {
  std::string_view name;
  sdk::question_kind kind;
};

constexpr named_kind plain_kinds[] = {
    {.name = "account", .kind = sdk::question_kind::account},
    {.name = "regions", .kind = sdk::question_kind::regions},
    {.name = "devices", .kind = sdk::question_kind::devices},
};

base::error error_named(std::string_view module, std::string_view label) {
  for (const auto* table : {&sdk::sdk_errors(), &wire::wire_errors(), &identity::identity_errors(),
                            &net::net_errors(), &cli_errors()}) {
    const auto entries = table->entries();
    const auto found = std::ranges::find(entries, label, &base::error_entry::label);
    if (table->name() == module && found != entries.end()) {
      return {found->value, *table};
    }
  }
  return errc::status_malformed;
}

std::unexpected<sdk::control_problem> unreadable() {
  return std::unexpected(sdk::control_problem{.code = errc::status_malformed, .sentence = {}});
}

}

std::string line_of(const sdk::device_question& question) {
  const auto* found = std::ranges::find(plain_kinds, question.kind, &named_kind::kind);
  return found == std::end(plain_kinds) ? std::string(revoke_word) + question.device_id
                                        : std::string(found->name);
}

base::result<known_question> parse_question(std::string_view line) {
  if (line == status_line) {
    return status_question{};
  }
  const auto* found = std::ranges::find(plain_kinds, line, &named_kind::name);
  if (found != std::end(plain_kinds)) {
    return sdk::device_question{.kind = found->kind};
  }
  if (line.starts_with(revoke_word) && sdk::is_device_id(line.substr(revoke_word.size()))) {
    return sdk::device_question{.kind = sdk::question_kind::revocation,
                                .device_id = std::string(line.substr(revoke_word.size()))};
  }
  return base::fail(errc::question_unknown);
}

std::string wrap_answer(const told_answer& answer) {
  if (!answer) {
    return json::serialize(json::object{{"format", answer_format},
                                        {"module", answer.error().code.category().name()},
                                        {"code", base::label_of(answer.error().code)},
                                        {"sentence", answer.error().sentence}});
  }
  json::error_code failure;
  auto told = json::parse(*answer, failure);
  return json::serialize(json::object{{"format", answer_format}, {"answer", std::move(told)}});
}

told_answer unwrap_answer(std::string_view text) {
  json::parse_options rules;
  rules.max_depth = depth_limit;
  json::error_code failure;
  const auto told = json::parse({text.data(), text.size()}, failure, {}, rules);
  if (failure || !told.is_object() || number_at(told, "/format") != answer_format) {
    return unreadable();
  }
  if (const auto* answer = told.as_object().if_contains("answer")) {
    return answer->is_object() ? told_answer(json::serialize(*answer)) : unreadable();
  }
  return std::unexpected(
      sdk::control_problem{.code = error_named(text_at(told, "/module"), text_at(told, "/code")),
                           .sentence = text_at(told, "/sentence")});
}

}
