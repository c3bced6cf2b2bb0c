#include "errc.hpp"

namespace httvps::cli {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::not_socks5), "not_socks5", "The application does not speak SOCKS5."},
    {static_cast<int>(errc::method_unacceptable), "method_unacceptable",
     "The application insists on a SOCKS5 password, and there is none."},
    {static_cast<int>(errc::request_malformed), "request_malformed",
     "The SOCKS5 request does not have the layout of RFC 1928."},
    {static_cast<int>(errc::command_unsupported), "command_unsupported",
     "The SOCKS5 command is not supported; CONNECT and UDP ASSOCIATE are."},
    {static_cast<int>(errc::address_type_unsupported), "address_type_unsupported",
     "The SOCKS5 address is neither a name nor IPv4 nor IPv6."},
    {static_cast<int>(errc::bind_not_loopback), "bind_not_loopback",
     "The SOCKS5 address is reachable from other machines, and anybody there could use it."},
    {static_cast<int>(errc::not_running), "not_running", "No client is running."},
    {static_cast<int>(errc::already_running), "already_running",
     "A client is running for this state folder already."},
    {static_cast<int>(errc::status_malformed), "status_malformed",
     "The running client's answer is not readable."},
    {static_cast<int>(errc::status_path_too_long), "status_path_too_long",
     "The path of the status socket is longer than the system allows."},
    {static_cast<int>(errc::link_unreadable), "link_unreadable",
     "No enrolment link came on the standard input."},
    {static_cast<int>(errc::address_file_unwritable), "address_file_unwritable",
     "The address file cannot be written."},
    {static_cast<int>(errc::fragment_unsupported), "fragment_unsupported",
     "Fragments of SOCKS5 datagrams are not supported."},
    {static_cast<int>(errc::association_limit), "association_limit",
     "As many applications use UDP as the client allows."},
    {static_cast<int>(errc::carriers_out_of_range), "carriers_out_of_range",
     "The number of connections is not between 1 and 6."},
    {static_cast<int>(errc::question_unknown), "question_unknown",
     "The running client does not know this question."},
    {static_cast<int>(errc::device_id_invalid), "device_id_invalid",
     "The text is not the id of a device."},
    {static_cast<int>(errc::own_device_unconfirmed), "own_device_unconfirmed",
     "The id is that of this device, which would lose its access for ever."},
    {static_cast<int>(errc::enrolment_unnamed), "enrolment_unnamed",
     "Neither an enrolment link nor a code was said."},
    {static_cast<int>(errc::code_unreadable), "code_unreadable",
     "No enrolment code came on the standard input."},
    {static_cast<int>(errc::pin_malformed), "pin_malformed",
     "The pin is not a SHA-256 of 64 hexadecimal digits."},
    {static_cast<int>(errc::region_invalid), "region_invalid",
     "The text is not the code of a region."},
};

const base::error_table table("cli", entries);

}

const base::error_table& cli_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
