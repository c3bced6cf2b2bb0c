#include "run_operation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "qr.hpp"
#include "terminal.hpp"
#include "usage_proof.hpp"

namespace httvps::ctl {
namespace {

constexpr std::size_t data_limit = 1024 * 1024;
constexpr std::size_t most_items = 200000;
constexpr std::size_t most_pages = 10000;
constexpr std::size_t random_key_bytes = 18;
constexpr std::size_t longest_key = 255;
constexpr std::string_view largest_page = "1000";
constexpr std::string_view lines_type = "application/jsonl";
constexpr std::string_view text_type = "text/plain";

bool is_new_password(const field& one) noexcept {
  return one.name == "password" || one.name == "fresh";
}

outcome<base::secret_bytes> ask_twice_if_new(const field& one) {
  HTTVPS_TRY(auto typed, ask_secret(one.flag));
  if (!is_new_password(one)) {
    return typed;
  }
  HTTVPS_TRY(const auto again, ask_secret(one.flag + " again"));
  if (!(typed == again)) {
    return usage_error("The two passwords differ. Nothing was changed.");
  }
  return typed;
}

outcome<> take_secret(const field& one, operation_order& order) {
  const auto file = order.secret_files.find(one.flag);
  const bool in_data = order.given.data && order.given.data->contains(one.name);
  if (file == order.secret_files.end() || file->second.empty()) {
    if (!one.is_required || in_data || ::isatty(STDIN_FILENO) != 1) {
      return {};
    }
    HTTVPS_TRY(const auto typed, ask_twice_if_new(one));
    order.given.flags[one.flag] = {std::string(typed.reveal_text())};
    return {};
  }
  HTTVPS_TRY(const auto secret, read_secret_from(file->second));
  order.given.flags[one.flag] = {std::string(secret.reveal_text())};
  return {};
}

outcome<> take_inputs(operation_order& order) {
  if (!order.data_file.empty()) {
    HTTVPS_TRY(const auto text, read_bounded(order.data_file, data_limit));
    HTTVPS_TRY(order.given.data, parse_data(text));
  }
  for (const auto& one : order.chosen->runs.body) {
    if (one.is_secret()) {
      HTTVPS_CHECK(take_secret(one, order));
    }
  }
  return {};
}

outcome<std::string> current_tag(const command_tree& tree, const operation_order& order,
                                 api_client& client) {
  const auto& runs = order.chosen->runs;
  if (runs.match == match_rule::none || !order.given.if_match.empty()) {
    return order.given.if_match;
  }
  const auto path = runs.path.substr(0, runs.path.rfind(':'));
  const auto* getter = tree.find_operation("GET", path);
  if (getter == nullptr) {
    return order.given.if_match;
  }
  HTTVPS_TRY(const auto answer,
             client.send({.target = to_target(getter->runs, order.given.names, {})}));
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  return std::string(answer.headers.find("ETag").value_or(""));
}

outcome<> show_lines(const net::http_response& answer, output_form form) {
  HTTVPS_TRY(const auto lines, read_json_lines(answer.body));
  if (form == output_form::yaml) {
    show(lines, form);
    return {};
  }
  for (const auto& line : lines) {
    say(safe_json(json::serialize(line)));
  }
  return {};
}

void show_text(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    say(printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

outcome<> show_link(const json::value& value, link_form form) {
  if (form == link_form::qr) {
    HTTVPS_TRY(const auto drawn, to_qr(text_of(value, "link")));
    say(drawn);
  }
  return {};
}

bool is_proof(const command& chosen) noexcept {
  return chosen.group == "usage" && chosen.verb == "verify";
}

outcome<> show_answer(const net::http_response& answer, const operation_order& order,
                      output_form form) {
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  const auto type = answer.headers.find("Content-Type").value_or("");
  if (type.starts_with(lines_type)) {
    return show_lines(answer, form);
  }
  if (type.starts_with(text_type)) {
    show_text(answer.body);
    return {};
  }
  HTTVPS_TRY(const auto value, parse_answer(answer));
  if (!value.is_null()) {
    show(value, form);
    return is_proof(*order.chosen) ? verdict_on_books(value) : show_link(value, order.link);
  }
  if (form == output_form::table) {
    say("Done.");
  }
  return {};
}

outcome<std::string> key_of(const given_values& given) {
  const auto& key = given.idempotency_key;
  if (key.empty()) {
    return base::to_base64url(base::secure_random().take<random_key_bytes>());
  }
  const bool is_visible =
      std::ranges::all_of(key, [](char letter) { return letter >= '!' && letter <= '~'; });
  if (!is_visible || key.size() > longest_key) {
    return usage_error("--idempotency-key takes 1 to 255 visible ASCII characters.");
  }
  return key;
}

outcome<net::http_response> told_how_to_repeat(complaint reason, const std::string& key) {
  reason.text += fmt::format(
      " It may be done all the same. To do it once at most, repeat the command with "
      "--idempotency-key {}",
      key);
  return std::unexpected(std::move(reason));
}

outcome<net::http_response> send(const command_tree& tree, const operation_order& order,
                                 api_client& client) {
  const auto& runs = order.chosen->runs;
  HTTVPS_TRY(const auto query, to_query(runs, order.given));
  api_request request{.method = runs.method, .target = to_target(runs, order.given.names, query)};
  if (runs.takes_body) {
    HTTVPS_TRY(const auto body, to_body(runs, order.given));
    request.body = json::serialize(body);
  }
  HTTVPS_TRY(request.if_match, current_tag(tree, order, client));
  if (!runs.takes_idempotency_key) {
    return client.send(request);
  }
  HTTVPS_TRY(request.idempotency_key, key_of(order.given));
  auto answer = client.send(request);
  return answer ? std::move(answer) : told_how_to_repeat(answer.error(), request.idempotency_key);
}

bool add_items(const json::value& page, json::array& items) {
  const auto* found = member_of(page, "items");
  if (found == nullptr || !found->is_array()) {
    return false;
  }
  for (const auto& item : found->get_array()) {
    items.push_back(item);
  }
  return true;
}

}

std::string safe_json(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0xffU;
    if (byte == 0x7f) {
      safe += "\\u007f";
    } else if (byte == 0xc2 && next < 0xa0) {
      safe += fmt::format("\\u{:04x}", next);
      ++at;
    } else {
      safe += text[at];
    }
  }
  return safe;
}

void show(const json::value& answer, output_form form) {
  const auto text = render(answer, form);
  say(form == output_form::json ? safe_json(text) : text);
}

outcome<json::value> fetch_all(api_client& client, const operation& runs,
                               const given_values& given) {
  HTTVPS_TRY(auto query, to_query(runs, given));
  std::erase_if(query, [](const auto& item) { return item.name == "page_token"; });
  if (std::ranges::find(query, "page_size", &query_item::name) == query.end()) {
    query.push_back({.name = "page_size", .value = std::string(largest_page)});
  }
  json::array items;
  json::value last;
  std::string token;
  std::size_t pages = 0;
  do {
    if (++pages > most_pages) {
      return failure("The list does not end: the server names ever more pages.");
    }
    auto asked = query;
    if (!token.empty()) {
      asked.push_back({.name = "page_token", .value = token});
    }
    HTTVPS_TRY(last, ask(client, {.target = to_target(runs, given.names, asked)}));
    if (!add_items(last, items)) {
      return failure("The answer holds no list.");
    }
    if (items.size() > most_items) {
      return failure(fmt::format("More than {} entries: narrow the list.", most_items));
    }
    token = text_of(last, "next_page_token");
  } while (!token.empty());
  last.as_object()["items"] = std::move(items);
  return last;
}

outcome<> run_operation(const command_tree& tree, operation_order order,
                        const global_options& chosen) {
  HTTVPS_CHECK(take_inputs(order));
  const auto& runs = order.chosen->runs;
  if (runs.takes_body) {
    HTTVPS_CHECK(to_body(runs, order.given));
  }
  HTTVPS_CHECK(to_query(runs, order.given));
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  if (order.pages == paging::all_pages) {
    HTTVPS_TRY(const auto all, fetch_all(opened.client, runs, order.given));
    show(all, chosen.form);
    return {};
  }
  HTTVPS_TRY(const auto answer, send(tree, order, opened.client));
  HTTVPS_CHECK(show_answer(answer, order, chosen.form));
  return {};
}

}
