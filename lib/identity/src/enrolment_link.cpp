#include "httvps/identity/enrolment_link.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/paseto.hpp"
#include "strict_json.hpp"

namespace httvps::identity {
namespace {

constexpr std::string_view fragment_start = "/#";
constexpr std::size_t longest_address = 260;

bool is_link_address_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '.' || letter == '-' || letter == '_' ||
         letter == ':' || letter == '[' || letter == ']';
}

constexpr text_rule address_rule{
    .least = 3, .most = longest_address, .allows = is_link_address_letter};
constexpr text_rule token_rule{.least = 1, .most = paseto_limit};

std::string to_payload(const enrolment_link& link) {
  boost::json::object members;
  members["root"] = link.root.to_base64url();
  members["key_set"] = link.key_set;
  members["config"] = link.config;
  members["ticket"] = link.ticket;
  return boost::json::serialize(members);
}

base::result<enrolment_link> from_payload(std::string_view payload) {
  const auto members = parse_json_object(payload);
  if (!members) {
    return base::fail(errc::link_invalid);
  }
  object_reader reader(*members);
  enrolment_link link;
  link.root = reader.key("root");
  link.key_set = reader.text("key_set", token_rule);
  link.config = reader.text("config", token_rule);
  link.ticket = reader.text("ticket", token_rule);
  if (!reader.sound()) {
    return base::fail(errc::link_invalid);
  }
  return link;
}

std::string_view without_line_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

}

base::result<std::string> build_enrolment_link(const enrolment_link& link) {
  if (!fits(link.shown_address, address_rule)) {
    return base::fail(errc::link_invalid);
  }
  std::string text(enrolment_link_scheme);
  text.append(link.shown_address).append(fragment_start);
  text.append(base::to_base64url(base::as_bytes(to_payload(link))));
  if (text.size() > enrolment_link_limit) {
    return base::fail(errc::too_long);
  }
  return text;
}

base::result<enrolment_link> parse_enrolment_link(std::string_view text) {
  text = without_line_end(text);
  if (text.size() > enrolment_link_limit) {
    return base::fail(errc::too_long);
  }
  const auto hash = text.find(fragment_start);
  if (!text.starts_with(enrolment_link_scheme) || hash == std::string_view::npos) {
    return base::fail(errc::link_invalid);
  }
  const auto address = text.substr(enrolment_link_scheme.size(),
                                   hash - std::min(hash, enrolment_link_scheme.size()));
  const auto payload = base::from_base64url(text.substr(hash + fragment_start.size()));
  if (!fits(address, address_rule) || !payload) {
    return base::fail(errc::link_invalid);
  }
  HTTVPS_TRY(auto link, from_payload(base::as_text(*payload)));
  link.shown_address = address;
  return link;
}

base::result<verified_enrolment> verify_enrolment_link(const enrolment_link& link,
                                                       base::system_time now) {
  HTTVPS_TRY(auto keys, key_set::verify(link.key_set, {.root = link.root, .now = now}));
  const document_check check{.keys = keys, .now = now};
  HTTVPS_TRY(auto config, verify_config(link.config, check));
  HTTVPS_TRY(auto ticket, verify_ticket(link.ticket, check));
  if (config.gateways.size() != 1) {
    return base::fail(errc::link_invalid);
  }
  if (ticket.gateway_id != config.gateways.front().id) {
    return base::fail(errc::wrong_gateway);
  }
  return verified_enrolment{
      .keys = std::move(keys), .config = std::move(config), .ticket = std::move(ticket)};
}

}
