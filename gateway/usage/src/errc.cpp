#include "httvps/gateway/usage/errc.hpp"

namespace httvps::gateway {
namespace {

using enum usage_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(spool_unwritable), "spool_unwritable",
     "The file that keeps unreported usage cannot be written."},
    {static_cast<int>(spool_disk_full), "spool_disk_full",
     "There is no room on the disk for unreported usage."},
    {static_cast<int>(spool_unreadable), "spool_unreadable",
     "The file that keeps unreported usage cannot be read."},
    {static_cast<int>(spool_in_use), "spool_in_use",
     "Another process holds this part of the unreported usage."},
    {static_cast<int>(spool_record_invalid), "spool_record_invalid",
     "A record of unreported usage is damaged."},
    {static_cast<int>(spool_record_cut), "spool_record_cut",
     "The last record of unreported usage was not written to its end."},
    {static_cast<int>(spool_cap_reached), "spool_cap_reached",
     "Unreported usage takes as much room on the disk as it may."},
};

const base::error_table table("gateway_usage", entries);

}

const base::error_table& usage_errors() noexcept {
  return table;
}

std::error_code make_error_code(usage_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
