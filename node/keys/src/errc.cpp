#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

using enum keys_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(key_id_invalid), "key_id_invalid",
     "The id of an access key has letters that are not allowed."},
    {static_cast<int>(key_secret_invalid), "key_secret_invalid",
     "The secret of an access key is too short, too long or not printable."},
    {static_cast<int>(key_repeated), "key_repeated",
     "Two access keys have the same id or the same secret."},
    {static_cast<int>(too_many_keys), "too_many_keys",
     "There are more access keys than a node may have."},
    {static_cast<int>(metrics_malformed), "metrics_malformed",
     "The metrics of the Outline server cannot be read."},
    {static_cast<int>(metrics_too_large), "metrics_too_large",
     "The metrics of the Outline server are longer than allowed."},
    {static_cast<int>(counters_damaged), "counters_damaged",
     "The file with the counters of the access keys is damaged."},
    {static_cast<int>(server_did_not_load), "server_did_not_load",
     "The Outline server did not load the access keys that were written for it."},
};

const base::error_table table("node_keys", entries);

}

const base::error_table& keys_errors() noexcept {
  return table;
}

std::error_code make_error_code(keys_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
