#include "doctor.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <charconv>
#include <ctime>

#include "local_orders.hpp"

namespace httvps::ctl {
namespace {

constexpr std::int64_t silence_suspect = 15;
constexpr std::int64_t silence_out = 30;

finding judge_member(const json::value& item, std::string_view kind, std::int64_t now) {
  const auto* beat = member_of(item, "heartbeat");
  const auto what = fmt::format("{} {}", kind, printable(text_of(item, "name")));
  const auto heard =
      beat == nullptr ? std::nullopt : seconds_of_rfc3339(text_of(*beat, "received_at"));
  if (!heard) {
    return {verdict::fail, what, "never sent a heartbeat; look at its log and its credential"};
  }
  const auto age = now - *heard;
  const auto outcome = graded(static_cast<double>(age), silence_suspect, silence_out);
  auto sentence = fmt::format("heard {} s ago", age);
  if (outcome != verdict::ok) {
    sentence += "; look whether it runs and reaches the backend";
  }
  if (const auto trouble = text_of(*beat, "last_error"); !trouble.empty()) {
    return {std::max(outcome, verdict::warn), what,
            fmt::format("{}; it tells: {}", sentence, printable(trouble))};
  }
  return {outcome, what, std::move(sentence)};
}

bool is_expected(const json::value& item) {
  const auto state = text_of(item, "state");
  const auto* keyring = member_of(item, "keyring");
  const bool has_agent = keyring != nullptr && text_of(*keyring, "source") == "agent";
  return state == "approved" || (state == "enabled" && has_agent);
}

class examination {
 public:
  examination(api_client& client, const command_tree& tree) : client_(client), tree_(tree) {}

  std::vector<finding> run() {
    if (!look_at_server()) {
      return std::move(found_);
    }
    look_at("database", "/readyz", "the database answers",
            "look at the backend's log and at the database");
    look_at_metrics();
    look_at_token();
    look_at_keys();
    look_at_backup();
    look_at_credentials();
    look_at_members("gateway");
    look_at_members("node");
    return std::move(found_);
  }

 private:
  void add(verdict outcome, std::string what, std::string sentence) {
    found_.push_back({outcome, std::move(what), std::move(sentence)});
  }

  bool look_at_server() {
    const auto answer = client_.send({.target = "/healthz"});
    if (!answer) {
      add(verdict::fail, "server", printable(answer.error().text) + " Is it running there?");
      return false;
    }
    add(is_success(*answer) ? verdict::ok : verdict::fail, "server",
        fmt::format("{} answers {}", printable(client_.server()), answer->status));
    add(client_.is_secure() ? verdict::ok : verdict::warn, "tls",
        client_.is_secure() ? "the certificate is good for this name"
                            : "plain http; use https from other machines");
    const auto date = seconds_of_date(std::string(answer->headers.find("Date").value_or("")));
    if (date) {
      const auto own = base::to_unix_seconds(base::real_clock().system_now());
      ahead_ = std::chrono::seconds(*date - own);
      found_.push_back(judge_clock(*date, own));
    } else {
      add(verdict::warn, "clock", "the server tells no time; compare the clocks by hand");
    }
    return true;
  }

  void look_at(std::string what, std::string target, std::string good, std::string_view advice) {
    const auto answer = client_.send({.target = std::move(target)});
    if (answer && is_success(*answer)) {
      add(verdict::ok, std::move(what), std::move(good));
      return;
    }
    add(verdict::fail, std::move(what),
        fmt::format("{}; {}", answer ? describe_problem(*answer).text : answer.error().text,
                    advice));
  }

  void look_at_metrics() {
    const auto answer = client_.send({.target = "/api/v1/admin/metrics"});
    if (!answer || !is_success(*answer)) {
      add(verdict::warn, "usage", "metrics cannot be read here");
      return;
    }
    const auto told = [&](std::string_view name) { return metric_in(answer->body, name); };
    found_.push_back(judge_schema(told("httvps_backend_schema_version{which=\"present\"}"),
                                  told("httvps_backend_schema_version{which=\"newest\"}")));
    found_.push_back(judge_room(told("httvps_backend_database_free_bytes")));
    found_.push_back(judge_lag(told("httvps_backend_usage_lag_seconds")));
    found_.push_back(judge_backlog(told("httvps_backend_usage_backlog_batches")));
    found_.push_back(judge_gaps(told("httvps_backend_usage_gap_batches")));
  }

  void look_at_token() {
    const auto answer = client_.send({.target = "/api/v1/admin/me"});
    const bool good = answer && (is_success(*answer) || problem_code(*answer) == "session_needed");
    add(good ? verdict::ok : verdict::fail, "token",
        good ? "the token is good" : "the token is refused; run httvpsctl login");
  }

  std::optional<json::array> list(std::string_view kind) {
    const auto* lists = tree_.find(kind, "list");
    if (lists == nullptr) {
      return std::nullopt;
    }
    auto all = fetch_all(client_, lists->runs, {});
    if (!all) {
      add(verdict::fail, std::string(kind), all.error().text);
      return std::nullopt;
    }
    return std::move(all->at("items").as_array());
  }

  void look_at_keys() {
    if (const auto keys = list("key")) {
      found_.push_back(judge_keys(*keys));
    }
  }

  void look_at_backup() {
    const auto answer = client_.send({.target = "/api/v1/admin/keys"});
    if (answer && problem_code(*answer) == "role_denied") {
      add(verdict::ok, "backup", "not looked at: that takes the role admin");
      return;
    }
    boost::system::error_code trouble;
    const auto keys =
        answer && is_success(*answer) ? json::parse(answer->body, trouble) : json::value();
    if (trouble || !keys.is_object()) {
      add(verdict::warn, "backup", "the server does not tell");
      return;
    }
    found_.push_back(judge_backup(keys, server_now()));
  }

  void look_at_credentials() {
    if (const auto credentials = list("credential")) {
      const auto judged = judge_credentials(*credentials, server_now());
      found_.insert(found_.end(), judged.begin(), judged.end());
    }
  }

  void look_at_members(std::string_view kind) {
    if (const auto members = list(kind)) {
      const auto judged = judge_heartbeats(*members, kind, server_now());
      found_.insert(found_.end(), judged.begin(), judged.end());
    }
  }

  base::system_time server_now() const { return base::real_clock().system_now() + ahead_; }

  api_client& client_;
  const command_tree& tree_;
  std::chrono::seconds ahead_{0};
  std::vector<finding> found_;
};

}

std::optional<std::int64_t> seconds_of_rfc3339(const std::string& text) {
  std::tm parts{};
  const auto* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return rest == nullptr ? std::nullopt : std::optional<std::int64_t>(::timegm(&parts));
}

std::optional<std::int64_t> seconds_of_date(const std::string& http_date) {
  std::tm parts{};
  const auto* rest = ::strptime(http_date.c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
  return rest == nullptr ? std::nullopt : std::optional<std::int64_t>(::timegm(&parts));
}

std::optional<double> metric_in(std::string_view exposition, std::string_view name) {
  for (auto at = exposition.find(name); at != std::string_view::npos;
       at = exposition.find(name, at + 1)) {
    const auto after = at + name.size();
    const bool starts_line = at == 0 || exposition[at - 1] == '\n';
    if (!starts_line || after >= exposition.size() || exposition[after] != ' ') {
      continue;
    }
    double value = 0;
    const auto* end = exposition.data() + exposition.size();
    const auto read = std::from_chars(exposition.data() + after + 1, end, value);
    return read.ec == std::errc() ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<finding> judge_heartbeats(const json::array& items, std::string_view kind,
                                      base::system_time now) {
  std::vector<finding> found;
  for (const auto& item : items) {
    if (is_expected(item)) {
      found.push_back(judge_member(item, kind, base::to_unix_seconds(now)));
    }
  }
  if (found.empty()) {
    found.push_back({verdict::ok, fmt::format("{}s", kind), "none that should send heartbeats"});
  }
  return found;
}

outcome<> run_doctor(const command_tree& tree, const global_options& chosen) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  std::size_t failed = 0;
  for (const auto& one : examination(opened.client, tree).run()) {
    say(to_line(one));
    failed += one.outcome == verdict::fail ? 1U : 0U;
  }
  return failed == 0 ? outcome<>()
                     : failure(fmt::format("{} check{} failed.", failed, failed == 1 ? "" : "s"));
}

}
