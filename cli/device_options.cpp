#include "device_options.hpp"

#include <utility>

#include "shared_options.hpp"

namespace httvps::cli {
namespace {

void declare_shared(CLI::App& page, device_command& command) {
  page.add_option_function<std::string>(
          "--output",
          [&command](const std::string& name) {
            command.form = name == "json" ? output_form::json : output_form::table;
          },
          "table to read, or json as the control plane answered (default: table)")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORM");
  declare_state_folder(page, command.state);
  declare_dialled_place(page, command.connect_to, " when no client is running");
}

void declare_revoke(CLI::App& devices, device_command& command) {
  auto* revoke = devices.add_subcommand("revoke", "Take the access of a device away for ever");
  revoke
      ->add_option("id", command.question.device_id, "Id of the device, as httvps devices shows it")
      ->required()
      ->type_name("ID");
  revoke->add_flag_callback(
      "--this-device", [&command] { command.ending = own_ending::confirmed; },
      "Needed when the id is that of this device: only a new enrolment brings it back");
  declare_shared(*revoke, command);
}

}

void declare_device_commands(CLI::App& program, device_command& command) {
  declare_shared(*program.add_subcommand("account", "Show plan, end, traffic and devices"),
                 command);
  declare_shared(*program.add_subcommand("regions", "Show the regions of the plan"), command);
  auto* devices = program.add_subcommand("devices", "Show the devices of the subscription");
  declare_shared(*devices, command);
  devices->require_subcommand(0, 1);
  declare_revoke(*devices, command);
}

bool is_device_command(const CLI::App& program) {
  return program.got_subcommand("account") || program.got_subcommand("regions") ||
         program.got_subcommand("devices");
}

device_command chosen_command(const CLI::App& program, device_command parsed) {
  auto& kind = parsed.question.kind;
  if (program.got_subcommand("account")) {
    kind = sdk::question_kind::account;
  } else if (program.got_subcommand("regions")) {
    kind = sdk::question_kind::regions;
  } else if (program.get_subcommand("devices")->got_subcommand("revoke")) {
    kind = sdk::question_kind::revocation;
  } else {
    kind = sdk::question_kind::devices;
  }
  return parsed;
}

}
