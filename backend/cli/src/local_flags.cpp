#include "local_flags.hpp"

namespace httvps::ctl {

std::span<const local_flag> local_flags() {
  static const std::vector<local_flag> known = {
      {.group = "", .verb = "login", .flag = "--name"},
      {.group = "audit", .verb = "tail", .flag = "--lines"},
      {.group = "audit", .verb = "tail", .flag = "--follow", .use = flag_use::alone},
      {.group = "enrol", .verb = "link", .flag = "--qr", .use = flag_use::alone},
      {.group = "usage", .verb = "top", .flag = "--by", .choices = {"device_id", "node_id", "day"}},
      {.group = "usage", .verb = "top", .flag = "--first-day"},
      {.group = "usage", .verb = "top", .flag = "--last-day"},
      {.group = "usage", .verb = "top", .flag = "--most"}};
  return known;
}

}
