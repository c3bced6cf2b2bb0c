#include "control_call.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/tunnel_stream.hpp"
#include "json_text.hpp"

namespace httvps::sdk {
namespace {

namespace json = boost::json;

constexpr std::size_t read_size = 4096;
constexpr auto farewell_patience = std::chrono::seconds(1);

struct named_meaning {
  std::string_view label;
  base::error meaning;
};

base::error wire_meaning(std::string_view label) {
  for (const auto& entry : wire::wire_errors().entries()) {
    if (entry.label == label) {
      return {entry.value, wire::wire_errors()};
    }
  }
  return {};
}

base::error own_meaning(std::string_view label) {
  const named_meaning known[] = {
      {.label = "ticket_invalid", .meaning = errc::ticket_invalid},
      {.label = "ticket_wrong_gateway", .meaning = errc::ticket_invalid},
      {.label = "ticket_spent", .meaning = errc::ticket_spent},
      {.label = "ticket_expired", .meaning = identity::errc::ticket_expired},
      {.label = "device_known_elsewhere", .meaning = errc::device_known_elsewhere},
      {.label = "device_not_found", .meaning = errc::device_not_found},
      {.label = "region_without_gateway", .meaning = errc::region_without_gateway},
      {.label = "enrolment_code_unknown", .meaning = errc::code_unknown},
      {.label = "enrolment_code_expired", .meaning = errc::code_expired},
      {.label = "enrolment_code_spent", .meaning = errc::code_spent},
      {.label = "proof_expired", .meaning = errc::clock_wrong},
  };
  const auto* found = std::ranges::find(known, label, &named_meaning::label);
  return found == std::end(known) ? base::error{} : found->meaning;
}

base::result<> prove(net::http_request& request, const device_account& account,
                     base::system_time now) {
  const identity::device_credentials credentials{
      .token = account.token(), .device = account.key(), .now = now};
  HTTVPS_TRY(auto proof, identity::build_device_proof({.method = request.method,
                                                       .path = request.target,
                                                       .body = base::as_bytes(request.body)},
                                                      credentials));
  request.headers.add("Authorization", std::move(proof));
  return {};
}

net::task<net::http_response> read_answer(tunnel_stream* stream, base::steady_time deadline) {
  net::http_parser_options limits = {.body_limit = control_answer_limit};
  net::http_response_parser parser(std::move(limits));
  base::byte_array<read_size> space;
  while (!parser.is_done()) {
    const auto got = co_await stream->read_some(space, deadline);
    if (!got && got.error() == net::errc::connection_closed) {
      HTTVPS_CO_CHECK(parser.finish());
      break;
    }
    if (!got) {
      co_return base::fail(got.error());
    }
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(*got)));
  }
  co_return parser.take();
}

net::task<net::http_response> exchange(std::shared_ptr<session_link> link,
                                       net::http_request request, base::steady_time deadline) {
  wire::target control = wire::reserved_target{wire::control_target_name};
  HTTVPS_CO_TRY(tunnel_stream stream, tunnel_stream::open(link, std::move(control)));
  const auto text = net::serialise(request);
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(text), deadline));
  auto answer = co_await read_answer(&stream, deadline);
  if (answer) {
    const auto patience = link->clock().steady_now() + farewell_patience;
    static_cast<void>(co_await stream.close(std::min(deadline, patience)));
  }
  co_return answer;
}

base::error meaning_of_transport(const base::error& failure) {
  const bool broken =
      failure == net::errc::http_bad_message || failure == net::errc::http_unexpected_end ||
      failure == net::errc::http_head_too_large || failure == net::errc::http_body_too_large;
  return broken ? base::error(errc::control_answer_malformed) : failure;
}

}

std::unexpected<control_problem> problem_of(base::error code, std::string sentence) {
  return std::unexpected(control_problem{.code = code, .sentence = std::move(sentence)});
}

control_problem problem_in(const net::http_response& answer) {
  const auto fields = parse_object(answer.body).value_or(json::object{});
  return {.code = meaning_of_problem(answer.status, text_in(fields, "code")),
          .sentence = std::string(text_in(fields, "detail"))};
}

net::http_request control_request(std::string method, std::string path) {
  net::http_request request = {.method = std::move(method), .target = std::move(path)};
  request.headers.add("Host", wire::control_target_name);
  request.headers.add("Accept", "application/json");
  request.headers.add("Connection", "close");
  return request;
}

void set_json(net::http_request& request, const json::object& fields) {
  request.headers.add("Content-Type", "application/json");
  request.body = json::serialize(fields);
}

base::error meaning_of_problem(int status, std::string_view code) noexcept {
  if (const auto own = own_meaning(code)) {
    return own;
  }
  if (const auto named = wire_meaning(code)) {
    return named;
  }
  return status >= 500 || status == 429 ? errc::control_unavailable : errc::control_refused;
}

control_task<json::object> call_control(std::shared_ptr<session_link> link,
                                        net::http_request request, base::steady_time deadline) {
  const auto answer = co_await exchange(std::move(link), std::move(request), deadline);
  if (!answer) {
    co_return problem_of(meaning_of_transport(answer.error()));
  }
  if (answer->status != 200 && answer->status != 201) {
    co_return std::unexpected(problem_in(*answer));
  }
  auto fields = parse_object(answer->body);
  if (!fields) {
    co_return problem_of(errc::control_answer_malformed);
  }
  co_return std::move(*fields);
}

control_task<json::object> call_as_device(std::shared_ptr<session_link> link,
                                          net::http_request request, device_account account,
                                          base::steady_time deadline) {
  if (const auto proven = prove(request, account, link->clock().system_now()); !proven) {
    co_return problem_of(proven.error());
  }
  co_return co_await call_control(std::move(link), std::move(request), deadline);
}

}
