#include "shared_options.hpp"

namespace httvps::cli {

void declare_state_folder(CLI::App& page, std::string& folder) {
  page.add_option("--state", folder,
                  "Folder of the device key and the enrolment (default: "
                  "$XDG_STATE_HOME/httvps or ~/.local/state/httvps)")
      ->type_name("DIR");
}

void declare_dialled_place(CLI::App& page, std::string& place, const std::string& when) {
  page.add_option("--connect-to", place,
                  "HOST:PORT to dial in place of the gateway's own address" + when +
                      "; its name, key and certificate are checked as always")
      ->type_name("HOST:PORT");
}

}
