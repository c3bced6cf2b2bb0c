#include "keyed_calls.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/services/errc.hpp"
#include "operation_terms.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

constexpr std::string_view key_header = "Idempotency-Key";
constexpr std::size_t longest_key = 255;
constexpr int kept_failures[] = {404, 409, 422};

bool is_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_key &&
         std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter <= '~'; });
}

problem bad_key() {
  return {400, "idempotency_key_invalid",
          "Idempotency-Key must be one value of 1 to 255 visible ASCII characters."};
}

bool is_final(const outcome& finished) {
  const int status = finished.response.status;
  return status < 400 || (std::ranges::find(kept_failures, status) != std::end(kept_failures) &&
                          finished.code != "invalid_request");
}

base::secret_bytes packed(const outcome& finished) {
  json::array headers;
  for (const auto& field : finished.response.headers) {
    headers.emplace_back(json::array{json::string(field.name), json::string(field.value)});
  }
  return base::secret_bytes::from_text(
      json::serialize(json::object{{"status", finished.response.status},
                                   {"code", finished.code},
                                   {"headers", std::move(headers)},
                                   {"body", finished.response.body}}));
}

outcome unpacked(const base::secret_bytes& kept) {
  const auto text = kept.reveal_text();
  const auto document = json::parse(json::string_view(text.data(), text.size()));
  outcome answered{.code = std::string(document.at("code").as_string()), .notes = {}};
  answered.response.status = document.at("status").to_number<int>();
  answered.response.body = std::string(document.at("body").as_string());
  for (const auto& field : document.at("headers").as_array()) {
    answered.response.headers.add(std::string(field.at(0).as_string()),
                                  std::string(field.at(1).as_string()));
  }
  answered.response.headers.add("Idempotency-Replayed", "true");
  return answered;
}

base::counter key_counter(base::metric_registry& metrics, std::string result) {
  return metrics.add_counter(
      {.name = "httvps_backend_idempotency_keys_total",
       .help = "Calls with an idempotency key that were replayed or whose answer was not kept.",
       .labels = {{"result", std::move(result)}}});
}

}

keyed_calls::keyed_calls(const services::idempotency_service& keys, base::metric_registry& metrics)
    : keys_(keys),
      replayed_(key_counter(metrics, "replayed")),
      unsettled_(key_counter(metrics, "unsettled")) {}

outcome keyed_calls::serve(const route& found, call& made, const call_runner& run) {
  const auto& headers = made.request.headers;
  const auto key = headers.find(key_header);
  if (!key || !takes_idempotency_key(found)) {
    return run();
  }
  if (headers.count(key_header) != 1 || !is_key(*key)) {
    return failed(made.request, bad_key());
  }
  auto verdict = keys_.claim({.actor = *made.admin,
                              .key = *key,
                              .method = made.request.method,
                              .target = made.request.target,
                              .body = made.request.body});
  if (!verdict) {
    return failed(made.request, verdict.error());
  }
  if (verdict->answer) {
    replayed_.add();
    return unpacked(*verdict->answer);
  }
  made.admin->claim = std::move(verdict->claim);
  return run_claimed(made, run);
}

outcome keyed_calls::run_claimed(call& made, const call_runner& run) {
  auto finished = run();
  settle(*made.admin->claim, finished);
  return finished;
}

void keyed_calls::settle(const models::idempotency_claim& held, const outcome& finished) {
  const auto settled =
      is_final(finished) ? keys_.keep(held, packed(finished)) : keys_.release(held);
  if (!settled) {
    unsettled_.add();
  }
}

}
