#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "commands/commands.hpp"
#include "errc.hpp"
#include "httvps/identity/enrolment_link.hpp"

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

base::result<std::string> read_link(const std::string& given) {
  if (given != "-") {
    return trimmed(given);
  }
  if (::isatty(STDIN_FILENO) == 1) {
    std::fputs("Paste the enrolment link and press Enter: ", stderr);
  }
  std::string line(identity::enrolment_link_limit + 2, '\0');
  std::cin.getline(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(std::max<std::streamsize>(std::cin.gcount(), 0)));
  line.resize(line.find('\0') == std::string::npos ? line.size() : line.find('\0'));
  auto link = trimmed(line);
  return link.empty() ? base::result<std::string>(base::fail(errc::link_unreadable)) : link;
}

std::string default_name() {
  utsname facts{};
  const bool known = ::uname(&facts) == 0 && facts.nodename[0] != '\0';
  return known ? std::string(facts.nodename) : std::string("linux device");
}

struct prepared_enrolment {
  sdk::state_store store;
  sdk::enrolment_order order;
};

base::result<prepared_enrolment> prepare(const enrol_command& command) {
  HTTVPS_TRY(auto connect_to, place_of(command.connect_to));
  HTTVPS_TRY(auto folder, state_folder_of(command.state));
  HTTVPS_TRY(const auto text, read_link(command.link));
  HTTVPS_TRY(auto link, identity::parse_enrolment_link(text));
  HTTVPS_TRY(auto store, sdk::state_store::create(std::move(folder)));
  sdk::enrolment_order order{.link = std::move(link),
                             .name = command.name.empty() ? default_name() : command.name,
                             .present = command.present,
                             .connect_to = std::move(connect_to)};
  return prepared_enrolment{.store = std::move(store), .order = std::move(order)};
}

net::asio::awaitable<void> enrol(prepared_enrolment wanted,
                                 std::optional<enrolment_outcome>* outcome) {
  const auto deadline = net::deadline_after(enrolment_patience);
  outcome->emplace(
      co_await sdk::enrol_device(std::move(wanted.store), std::move(wanted.order), deadline));
}

}

exit_code run(const enrol_command& command) {
  auto wanted = prepare(command);
  if (!wanted) {
    return complain(wanted.error());
  }
  const auto address = wanted->order.link.shown_address;
  const auto folder = wanted->store.folder();
  std::optional<enrolment_outcome> outcome;
  net::asio::io_context context(1);
  net::asio::co_spawn(context, enrol(std::move(*wanted), &outcome),
                      [](const std::exception_ptr& thrown) {
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
                  record.device_id, printable(address)));
  say(fmt::format("The device key and the enrolment are kept in {}.", folder));
  say("Next: httvps connect");
  return exit_code::done;
}

}
