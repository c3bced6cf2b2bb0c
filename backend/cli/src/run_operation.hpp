#pragma once

#include "arguments.hpp"
#include "session.hpp"

namespace httvps::ctl {

enum class paging { one_page, all_pages };

enum class link_form { text, qr };

struct operation_order {
  const command* chosen = nullptr;
  given_values given;
  std::map<std::string, std::string, std::less<>> secret_files;
  std::string data_file;
  paging pages = paging::one_page;
  link_form link = link_form::text;
};

outcome<json::value> fetch_all(api_client& client, const operation& runs,
                               const given_values& given);
outcome<> run_operation(const command_tree& tree, operation_order order,
                        const global_options& chosen);
void show(const json::value& answer, output_form form);
std::string safe_json(std::string_view text);

}
