#include "enrol_options.hpp"

#include "shared_options.hpp"

namespace httvps::cli {
namespace {

CLI::Option* declare_link(CLI::App& enrol, enrol_command& command) {
  return enrol
      .add_option("link", command.link,
                  "The enrolment link, or - to read it from the standard input (better: a link "
                  "on the command line is seen by other users and kept in the shell's history)")
      ->type_name("LINK");
}

void declare_code(CLI::App& enrol, enrol_command& command, CLI::Option* link) {
  auto* code = enrol
                   .add_option("--code", command.code,
                               "In place of the link: the enrolment code, or - to read it from "
                               "the standard input (better, for the same reason)")
                   ->type_name("CODE")
                   ->excludes(link);
  auto* server = enrol
                     .add_option("--server", command.server,
                                 "With --code: the address of the control plane, "
                                 "https://HOST[:PORT]")
                     ->type_name("URL")
                     ->needs(code);
  code->needs(server);
  enrol
      .add_option("--server-ca", command.server_authority,
                  "With --code: file of the certificate authority to trust in place of the "
                  "system's")
      ->type_name("FILE")
      ->needs(code);
  enrol
      .add_option("--server-pin", command.server_pin,
                  "With --code: SHA-256 of the server's certificate, which is then the proof in "
                  "place of any authority")
      ->type_name("SHA256")
      ->needs(code);
}

}

void declare_enrol(CLI::App& program, enrol_command& command) {
  auto* enrol =
      program.add_subcommand("enrol", "Make this device known with an enrolment link or code");
  declare_code(*enrol, command, declare_link(*enrol, command));
  enrol
      ->add_option("--name", command.name,
                   "Name of this device for its owner to see (default: the host name)")
      ->type_name("NAME");
  declare_state_folder(*enrol, command.state);
  declare_dialled_place(*enrol, command.connect_to);
  enrol->add_flag_callback(
      "--replace", [&command] { command.present = sdk::present_enrolment::replace; },
      "Give up the present enrolment once the new one stands");
}

}
