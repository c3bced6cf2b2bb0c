#include "commands/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "errc.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/net/error.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::cli {
namespace {

struct reaction {
  base::error failure;
  exit_code code;
  std::string_view advice;
};

constexpr std::string_view ask_for_a_link = "Ask for a new enrolment link and run httvps enrol -.";
constexpr std::string_view ask_for_a_code = "Ask for a new enrolment code.";
constexpr std::string_view check_the_network =
    "Check that this machine is online; the network may also block the gateway.";

std::span<const reaction> device_reactions() {
  static const reaction known[] = {
      {sdk::errc::not_enrolled, exit_code::not_enrolled,
       "Run httvps enrol - and paste the enrolment link that you were given."},
      {sdk::errc::already_enrolled, exit_code::wrong_usage,
       "Add --replace to give the present enrolment up, or --state DIR to keep both."},
      {sdk::errc::enrolment_outdated, exit_code::not_enrolled, ask_for_a_link},
      {sdk::errc::no_permitted_gateway, exit_code::not_enrolled, ask_for_a_link},
      {sdk::errc::wrong_device, exit_code::not_enrolled, ask_for_a_link},
      {sdk::errc::config_rollback, exit_code::refused, ask_for_a_link},
      {sdk::errc::state_folder_unknown, exit_code::state_unusable, "Set HOME, or say --state DIR."},
      {sdk::errc::state_exposed, exit_code::state_unusable,
       "Run chmod 700 on the folder and chmod 600 on the files in it."},
      {sdk::errc::state_damaged, exit_code::state_unusable,
       "Remove the state folder, ask for a new enrolment link and run httvps enrol -."},
      {sdk::errc::state_unreadable, exit_code::state_unusable,
       "Check that the folder is yours and readable."},
      {sdk::errc::state_unwritable, exit_code::state_unusable,
       "Check that the folder is yours and that its disk has room."},
  };
  return known;
}

std::span<const reaction> gateway_reactions() {
  static const reaction known[] = {
      {sdk::errc::gateway_unresolved, exit_code::gateway_away, check_the_network},
      {sdk::errc::gateway_refused, exit_code::gateway_away,
       "The gateway may be restarting; try again in a minute."},
      {sdk::errc::gateway_unreachable, exit_code::gateway_away, check_the_network},
      {sdk::errc::gateway_timed_out, exit_code::gateway_away, check_the_network},
      {sdk::errc::gateway_cut, exit_code::gateway_away,
       "The network may cut such connections; try another network to find out."},
      {sdk::errc::gateway_tls_failed, exit_code::gateway_away,
       "Something else answers at that address; check --connect-to and the network."},
      {sdk::errc::gateway_tls_outdated, exit_code::gateway_away,
       "A device on the way changes the connection; try another network."},
      {sdk::errc::gateway_key_mismatch, exit_code::refused,
       "Somebody may intercept the connection. Try another network; if it stays, ask for a new "
       "enrolment link."},
      {sdk::errc::gateway_name_mismatch, exit_code::refused,
       "Something else answers at that address; check --connect-to and the network."},
      {sdk::errc::gateway_did_not_recognise, exit_code::refused,
       "Check that the clock is right. If it is, ask for a new enrolment link."},
      {sdk::errc::gateway_answer_malformed, exit_code::gateway_away,
       "Something else answers at that address; check --connect-to and the network."},
      {sdk::errc::clock_wrong, exit_code::failed, "Set the clock of this machine."},
      {sdk::errc::control_unavailable, exit_code::gateway_away, "Try again in a few minutes."},
  };
  return known;
}

std::span<const reaction> permission_reactions() {
  static const reaction known[] = {
      {sdk::errc::ticket_invalid, exit_code::refused, ask_for_a_link},
      {sdk::errc::ticket_spent, exit_code::refused, ask_for_a_link},
      {identity::errc::ticket_expired, exit_code::refused, ask_for_a_link},
      {identity::errc::link_invalid, exit_code::wrong_usage,
       "Copy the whole link, from httvps:// to its end, on one line."},
      {identity::errc::too_long, exit_code::wrong_usage,
       "Copy the link alone, from httvps:// to its end."},
      {wire::errc::device_revoked, exit_code::refused, ask_for_a_link},
      {sdk::errc::device_not_found, exit_code::refused, "Run httvps devices to see their ids."},
      {wire::errc::device_limit, exit_code::refused,
       "Have another device removed, or ask for a larger plan."},
      {wire::errc::subscription_expired, exit_code::refused, "Renew the subscription."},
      {wire::errc::access_suspended, exit_code::refused,
       "Ask whoever runs the service; this device stays enrolled."},
      {wire::errc::quota_exceeded, exit_code::refused,
       "Wait for the next period, or ask for a larger plan."},
      {wire::errc::backend_unavailable, exit_code::gateway_away, "Try again in a few minutes."},
  };
  return known;
}

std::span<const reaction> code_reactions() {
  static const reaction known[] = {
      {sdk::errc::code_malformed, exit_code::wrong_usage, "Copy the code as it was given to you."},
      {sdk::errc::code_unknown, exit_code::refused,
       "Compare it with the one that you were given, and the server's address."},
      {sdk::errc::code_expired, exit_code::refused, ask_for_a_code},
      {sdk::errc::code_spent, exit_code::refused, ask_for_a_code},
      {sdk::errc::too_many_tries, exit_code::gateway_away, "Try again in a few minutes."},
      {sdk::errc::server_address_invalid, exit_code::wrong_usage,
       "Write --server https://HOST or https://HOST:PORT."},
      {sdk::errc::server_not_https, exit_code::wrong_usage, "Write --server https://HOST."},
      {sdk::errc::server_unreachable, exit_code::gateway_away,
       "Check the address and the network, or ask for an enrolment link instead of a code."},
      {sdk::errc::server_not_trusted, exit_code::refused,
       "Somebody may intercept the connection. If the server has an authority of its own, say "
       "--server-ca FILE or --server-pin SHA256."},
      {sdk::errc::server_answer_strange, exit_code::gateway_away, "Check the server's address."},
      {sdk::errc::authority_unreadable, exit_code::wrong_usage,
       "Check the file behind --server-ca."},
      {errc::enrolment_unnamed, exit_code::wrong_usage,
       "Run httvps enrol - and paste the link, or httvps enrol --code - --server https://HOST."},
      {errc::code_unreadable, exit_code::wrong_usage,
       "Pipe the code in, or type it and press Enter."},
      {sdk::errc::region_without_gateway, exit_code::refused,
       "Run httvps regions to see those of your plan, or leave --region out."},
      {wire::errc::region_denied, exit_code::refused,
       "Run httvps regions to see those of your plan, or leave --region out."},
      {errc::region_invalid, exit_code::wrong_usage, "Copy the code from httvps regions."},
      {errc::pin_malformed, exit_code::wrong_usage,
       "Copy the certificate's SHA-256 behind --server-pin."},
  };
  return known;
}

std::span<const reaction> own_reactions() {
  static const reaction known[] = {
      {errc::bind_not_loopback, exit_code::wrong_usage,
       "Use 127.0.0.1, or add --allow-remote when other machines shall use it."},
      {errc::not_running, exit_code::not_running, "Start it with httvps connect."},
      {errc::already_running, exit_code::address_unusable,
       "Stop the other one, or say --state DIR to use another enrolment."},
      {errc::link_unreadable, exit_code::wrong_usage,
       "Pipe the link in, or paste it and press Enter."},
      {errc::address_file_unwritable, exit_code::state_unusable, "Check the path and the disk."},
      {errc::carriers_out_of_range, exit_code::wrong_usage,
       "Write one of 1 to 6 behind --max-carriers."},
      {errc::question_unknown, exit_code::failed,
       "It is of another version: stop it and start it again."},
      {errc::device_id_invalid, exit_code::wrong_usage, "Copy the id from httvps devices."},
      {errc::own_device_unconfirmed, exit_code::wrong_usage,
       "Add --this-device if it shall; only a new enrolment brings it back."},
      {net::errc::address_in_use, exit_code::address_unusable,
       "Another program listens there; choose another port with --socks."},
      {net::errc::address_invalid, exit_code::wrong_usage,
       "Write HOST:PORT, for example 127.0.0.1:1080 or [::1]:1080."},
  };
  return known;
}

const reaction* find_reaction(const base::error& failure) {
  for (const auto known : {device_reactions(), gateway_reactions(), permission_reactions(),
                           code_reactions(), own_reactions()}) {
    const auto found = std::ranges::find(known, failure, &reaction::failure);
    if (found != known.end()) {
      return &*found;
    }
  }
  return nullptr;
}

}

exit_code exit_code_for(const base::error& failure) noexcept {
  if (const auto* known = find_reaction(failure)) {
    return known->code;
  }
  const bool refused =
      failure.category() == wire::wire_errors() || failure == sdk::errc::control_refused;
  return refused ? exit_code::refused : exit_code::failed;
}

std::string_view advice_for(const base::error& failure) noexcept {
  const auto* known = find_reaction(failure);
  return known == nullptr ? std::string_view() : known->advice;
}

std::string describe_failure(const base::error& failure, std::string_view sentence) {
  const auto said = sentence.empty() ? failure.message() : printable(sentence);
  const auto advice = advice_for(failure);
  return advice.empty() ? fmt::format("{} ({})", said, base::label_of(failure))
                        : fmt::format("{} {} ({})", said, advice, base::label_of(failure));
}

std::string_view warning_of_exposure(std::string_view link, std::string_view code) noexcept {
  constexpr std::string_view of_typed_input = "-";
  if (!code.empty() && code != of_typed_input) {
    return "The enrolment code is on the command line: other users see it there and the shell "
           "keeps it. Safer: --code - and type it, or --code - < FILE.";
  }
  if (!link.empty() && link != of_typed_input) {
    return "The enrolment link is on the command line: other users see it there and the shell "
           "keeps it. Safer: httvps enrol - and paste it, or httvps enrol - < FILE.";
  }
  return {};
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, 512));
  std::ranges::replace_if(
      clean,
      [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; }, ' ');
  return clean;
}

}
