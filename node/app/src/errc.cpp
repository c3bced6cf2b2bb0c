#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

using enum app_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(file_missing), "file_missing", "A file that the agent needs is missing."},
    {static_cast<int>(file_unreadable), "file_unreadable",
     "A file that the agent needs cannot be read or is too long."},
    {static_cast<int>(file_exposed), "file_exposed",
     "A file or directory of the agent may be read by others or belongs to somebody else."},
    {static_cast<int>(file_not_written), "file_not_written",
     "A file of the agent cannot be written."},
    {static_cast<int>(credential_invalid), "credential_invalid",
     "The credential file does not hold one line with a credential."},
    {static_cast<int>(server_absent), "server_absent",
     "No Outline server runs under the process id of the pid file."},
    {static_cast<int>(server_not_started), "server_not_started",
     "The Outline server cannot be started."},
    {static_cast<int>(server_metrics_unreachable), "server_metrics_unreachable",
     "The Outline server does not answer with its metrics."},
};

const base::error_table table("node_app", entries);

}

const base::error_table& app_errors() noexcept {
  return table;
}

std::error_code make_error_code(app_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
