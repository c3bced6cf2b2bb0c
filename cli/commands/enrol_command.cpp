#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "commands/commands.hpp"
#include "errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/enrolment_link.hpp"
#include "httvps/sdk/code_redemption.hpp"

namespace httvps::cli {
namespace {

using enrolment_outcome = std::expected<sdk::device_account, sdk::control_problem>;

constexpr auto enrolment_patience = std::chrono::seconds(30);

std::string trimmed(const std::string& text) {
  constexpr const char* blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  return first == std::string::npos ? std::string()
                                    : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string read_line(const char* prompt) {
  if (::isatty(STDIN_FILENO) == 1) {
    std::fputs(prompt, stderr);
  }
  std::string line(identity::enrolment_link_limit + 2, '\0');
  std::cin.getline(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(std::max<std::streamsize>(std::cin.gcount(), 0)));
  line.resize(line.find('\0') == std::string::npos ? line.size() : line.find('\0'));
  return trimmed(line);
}

base::result<std::string> read_link(const std::string& given) {
  auto link =
      given == "-" ? read_line("Paste the enrolment link and press Enter: ") : trimmed(given);
  return link.empty() ? base::result<std::string>(base::fail(errc::link_unreadable)) : link;
}

base::result<std::string> read_code(const std::string& given) {
  auto code =
      given == "-" ? read_line("Type the enrolment code and press Enter: ") : trimmed(given);
  return code.empty() ? base::result<std::string>(base::fail(errc::code_unreadable)) : code;
}

base::result<std::optional<net::certificate_digest>> read_pin(const std::string& given) {
  std::optional<net::certificate_digest> pin;
  if (given.empty()) {
    return pin;
  }
  const auto bytes = base::from_hex(given);
  if (!bytes || bytes->size() != sizeof(net::certificate_digest)) {
    return base::fail(errc::pin_malformed);
  }
  base::copy_bytes(pin.emplace(), *bytes);
  return pin;
}

std::string default_name() {
  utsname facts{};
  const bool known = ::uname(&facts) == 0 && facts.nodename[0] != '\0';
  return known ? std::string(facts.nodename) : std::string("linux device");
}

struct prepared_enrolment {
  sdk::state_store store;
  sdk::enrolment_order order;
  std::optional<sdk::code_order> code = std::nullopt;
};

base::result<sdk::code_order> code_order_of(const enrol_command& command) {
  HTTVPS_TRY(auto pin, read_pin(command.server_pin));
  HTTVPS_TRY(auto code, read_code(command.code));
  return sdk::code_order{.server = command.server,
                         .code = std::move(code),
                         .authority_file = command.server_authority,
                         .pin = pin,
                         .present = command.present};
}

base::result<prepared_enrolment> prepare(const enrol_command& command) {
  if (command.link.empty() && command.code.empty()) {
    return base::fail(errc::enrolment_unnamed);
  }
  HTTVPS_TRY(auto connect_to, place_of(command.connect_to));
  HTTVPS_TRY(auto folder, state_folder_of(command.state));
  sdk::enrolment_order order{.link = {},
                             .name = command.name.empty() ? default_name() : command.name,
                             .present = command.present,
                             .connect_to = std::move(connect_to)};
  std::optional<sdk::code_order> code;
  if (command.code.empty()) {
    HTTVPS_TRY(const auto text, read_link(command.link));
    HTTVPS_TRY(order.link, identity::parse_enrolment_link(text));
  } else {
    HTTVPS_TRY(code, code_order_of(command));
  }
  HTTVPS_TRY(auto store, sdk::state_store::create(std::move(folder)));
  return prepared_enrolment{
      .store = std::move(store), .order = std::move(order), .code = std::move(code)};
}

net::asio::awaitable<void> enrol(prepared_enrolment* wanted,
                                 std::optional<enrolment_outcome>* outcome) {
  const auto deadline = net::deadline_after(enrolment_patience);
  if (wanted->code) {
    auto link = co_await sdk::redeem_code(wanted->store, *wanted->code, deadline);
    if (!link) {
      outcome->emplace(std::unexpected(link.error()));
      co_return;
    }
    wanted->order.link = std::move(*link);
  }
  outcome->emplace(co_await sdk::enrol_device(wanted->store, wanted->order, deadline));
}

}

exit_code run(const enrol_command& command) {
  warn(warning_of_exposure(command.link, command.code));
  auto wanted = prepare(command);
  if (!wanted) {
    return complain(wanted.error());
  }
  std::optional<enrolment_outcome> outcome;
  net::asio::io_context context(1);
  net::asio::co_spawn(context, enrol(&*wanted, &outcome), [](const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
  context.run();
  if (!*outcome) {
    return complain(outcome->error().code, outcome->error().sentence);
  }
  const auto& record = (*outcome)->record();
  say(fmt::format("Enrolled as \"{}\" ({}) with the gateway at {}.", printable(record.name),
                  record.device_id, printable(wanted->order.link.shown_address)));
  say(fmt::format("The device key and the enrolment are kept in {}.", wanted->store.folder()));
  say("Next: httvps connect");
  return exit_code::done;
}

}
