#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>

#include "commands/commands.hpp"
#include "device_options.hpp"
#include "enrol_options.hpp"
#include "httvps/base/core_dump.hpp"
#include "shared_options.hpp"

namespace httvps::cli {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not enrolled, 4 gateway not reachable,\n"
    "5 refused, 6 state folder not usable, 7 address not usable, 8 no client running.";

sdk::carrier_pattern pattern_named(std::string_view name) {
  if (name == "http2") {
    return sdk::carrier_pattern::http2;
  }
  return name == "http1" ? sdk::carrier_pattern::http1 : sdk::carrier_pattern::mixed;
}

void declare_carriers(CLI::App& connect, connect_command& command) {
  connect
      .add_option_function<std::string>(
          "--carriers",
          [&command](const std::string& name) { command.carriers = pattern_named(name); },
          "Connections to the gateway: mixed (HTTP/2 first, then HTTP/1.1), http2 or http1 "
          "(default: mixed)")
      ->check(CLI::IsMember({"mixed", "http2", "http1"}))
      ->type_name("KIND");
  connect
      .add_option("--max-carriers", command.carriers_most,
                  "Connections to the gateway at most, 1 to 6; above 3 the gateway must allow "
                  "them (GATEWAY_SESSION_CARRIERS)")
      ->type_name("COUNT")
      ->capture_default_str();
}

void declare_connect(CLI::App& program, connect_command& command) {
  auto* connect =
      program.add_subcommand("connect", "Keep a tunnel open and offer it as a SOCKS5 proxy");
  connect->add_option("--socks", command.socks, "HOST:PORT to listen at; port 0 takes a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  connect->add_flag_callback(
      "--allow-remote", [&command] { command.from_elsewhere = remote_use::permitted; },
      "Let --socks be an address that other machines can reach; there is no password");
  declare_dialled_place(*connect, command.connect_to);
  connect
      ->add_option("--address-file", command.address_file,
                   "File that gets the SOCKS5 address as HOST:PORT once it listens")
      ->type_name("FILE");
  declare_state_folder(*connect, command.state);
  connect
      ->add_option("--region", command.region,
                   "Code of a region, as httvps regions shows it: go through its gateways first")
      ->type_name("REGION");
  declare_carriers(*connect, command);
  connect
      ->add_option("--log-level", command.log_level,
                   "JSON log lines on the standard error: debug, info, warn or error")
      ->type_name("LEVEL")
      ->capture_default_str();
}

void declare_status(CLI::App& program, status_command& command) {
  auto* status = program.add_subcommand("status", "Show what the running client does");
  status->add_flag_callback(
      "--json", [&command] { command.form = status_form::json; }, "Machine-readable form");
  status
      ->add_option("--state", command.state,
                   "State folder that the running client was started with")
      ->type_name("DIR");
}

struct commands {
  enrol_command enrol;
  connect_command connect;
  status_command status;
  device_command device;
};

exit_code run_chosen(const CLI::App& program, const commands& parsed) {
  if (program.got_subcommand("enrol")) {
    return run(parsed.enrol);
  }
  if (is_device_command(program)) {
    return run(chosen_command(program, parsed.device));
  }
  return program.got_subcommand("connect") ? run(parsed.connect) : run(parsed.status);
}

int run_program(int count, char** words) {
  CLI::App program("httvps: the reference client of HTTVPS", "httvps");
  commands parsed;
  program.set_version_flag("--version", "httvps " HTTVPS_VERSION, "Show the version and exit");
  program.set_help_flag("-h,--help", "Show this help and exit");
  program.require_subcommand(1);
  program.footer(exit_codes);
  declare_enrol(program, parsed.enrol);
  declare_connect(program, parsed.connect);
  declare_status(program, parsed.status);
  declare_device_commands(program, parsed.device);
  try {
    program.parse(count, words);
  } catch (const CLI::ParseError& stopped) {
    const bool asked_for = program.exit(stopped) == 0;
    return static_cast<int>(asked_for ? exit_code::done : exit_code::wrong_usage);
  }
  return static_cast<int>(run_chosen(program, parsed));
}

}
}

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  httvps::base::forbid_core_dumps_or_warn("httvps");
  try {
    return httvps::cli::run_program(count, words);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "httvps: %s\n", failure.what());
    return static_cast<int>(httvps::cli::exit_code::failed);
  }
}
