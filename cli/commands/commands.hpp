#pragma once

#include <optional>
#include <string>

#include "commands/messages.hpp"
#include "httvps/base/log.hpp"
#include "httvps/sdk/carrier_keeper.hpp"
#include "httvps/sdk/device_question.hpp"
#include "httvps/sdk/enrolment.hpp"
#include "socks/socks_server.hpp"

namespace httvps::cli {

struct enrol_command {
  std::string link;
  std::string code;
  std::string server;
  std::string server_authority;
  std::string server_pin;
  std::string name;
  std::string state;
  std::string connect_to;
  sdk::present_enrolment present = sdk::present_enrolment::keep;
};

struct connect_command {
  std::string socks = "127.0.0.1:1080";
  std::string connect_to;
  std::string address_file;
  std::string state;
  std::string log_level = "warn";
  sdk::carrier_pattern carriers = sdk::carrier_pattern::mixed;
  std::string carriers_most = "3";
  std::string region;
  remote_use from_elsewhere = remote_use::refused;
};

enum class status_form { sentences, json };

struct status_command {
  std::string state;
  status_form form = status_form::sentences;
};

enum class output_form { table, json };
enum class own_ending { unconfirmed, confirmed };

struct device_command {
  sdk::device_question question;
  std::string state;
  std::string connect_to;
  output_form form = output_form::table;
  own_ending ending = own_ending::unconfirmed;
};

exit_code run(const enrol_command& command);
exit_code run(const connect_command& command);
exit_code run(const status_command& command);
exit_code run(const device_command& command);

const char* environment(const char* name);
base::result<std::string> state_folder_of(const std::string& chosen);
base::result<std::optional<net::endpoint>> place_of(const std::string& text);
base::result<std::size_t> carriers_in(const std::string& text);
base::result<> check_region(const std::string& text);
exit_code complain(const base::error& failure, std::string_view sentence = {});
void warn(std::string_view sentence);
void say(std::string_view line);

}
