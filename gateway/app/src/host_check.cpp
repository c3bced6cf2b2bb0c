#include "httvps/gateway/app/host_check.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "httvps/net/http_client.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/tls_context.hpp"

namespace httvps::gateway {
namespace {

constexpr auto backend_patience = std::chrono::seconds(2);
constexpr std::uint64_t descriptors_apart = 256;

finding good(std::string subject, std::string sentence) {
  return {.subject = std::move(subject), .sentence = std::move(sentence)};
}

std::optional<std::uint64_t> hard_descriptor_limit(const host_view& host) {
  constexpr std::string_view title = "Max open files";
  std::ifstream file(host.proc + "/self/limits");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(title)) {
      continue;
    }
    const auto soft = line.find_first_not_of(' ', title.size());
    const auto hard = line.find_first_not_of(' ', line.find(' ', soft));
    std::uint64_t number = UINT64_MAX;
    const auto* begin = line.data() + std::min(hard, line.size());
    std::from_chars(begin, line.data() + line.size(), number);
    return number;
  }
  return std::nullopt;
}

finding check_descriptors(const gateway_settings& settings, const host_view& host) {
  const auto wanted = settings.connections + settings.streams + settings.flows + descriptors_apart;
  const auto limit = hard_descriptor_limit(host);
  if (!limit) {
    return {.grade = finding_grade::advice,
            .subject = "descriptors",
            .sentence = "the limit cannot be read here."};
  }
  if (*limit >= wanted) {
    return good("descriptors", fmt::format("{} wanted, the limit allows them.", wanted));
  }
  return {.grade = finding_grade::advice,
          .subject = "descriptors",
          .sentence =
              fmt::format("the limit is {}, {} connections, {} streams and {} flows want {}.",
                          *limit, settings.connections, settings.streams, settings.flows, wanted),
          .mend = fmt::format("ulimit -Hn {} (systemd: LimitNOFILE={})", wanted, wanted)};
}

finding check_engine(const gateway_settings& settings, const host_view& host) {
  const auto settled = shadowsocks::settle(settings.aead_engine, host.engines);
  if (!settled) {
    return {.grade = finding_grade::missing,
            .subject = "AEAD engine",
            .sentence = settled.error().message(),
            .mend = "GATEWAY_AEAD_ENGINE=auto"};
  }
  if (*settled == shadowsocks::engine_choice::ipsec_mb) {
    return good("AEAD engine", "ipsec-mb.");
  }
  if (settings.aead_engine == shadowsocks::engine_choice::openssl &&
      host.engines == shadowsocks::engine_support::ipsec_mb_too) {
    return {.grade = finding_grade::advice,
            .subject = "AEAD engine",
            .sentence = "openssl as chosen; this processor runs the faster one.",
            .mend = "GATEWAY_AEAD_ENGINE=auto"};
  }
  return good("AEAD engine", "openssl; this processor has no AVX-512 with VAES for ipsec-mb.");
}

finding check_certificate(const gateway_settings& settings) {
  const auto made =
      net::tls_context::make_server({.certificate_chain_file = settings.certificate_file,
                                     .private_key_file = settings.key_file,
                                     .alpn = {"h2", "http/1.1"}});
  if (made) {
    return good("certificate", "and key are readable and belong together.");
  }
  return {
      .grade = finding_grade::missing,
      .subject = "certificate",
      .sentence = made.error().message(),
      .mend = fmt::format("set GATEWAY_TLS_CERTIFICATE (now {}) and GATEWAY_TLS_KEY (now {}) to "
                          "PEM files that belong together",
                          settings.certificate_file, settings.key_file)};
}

finding check_next_key(const gateway_settings& settings) {
  if (settings.next_key_file.empty()) {
    return good("next key", "none is announced.");
  }
  const auto pin = net::spki_digest_of_key_file(settings.next_key_file);
  if (pin) {
    return good("next key", "is readable; clients learn its pin before it is used.");
  }
  return {.grade = finding_grade::missing,
          .subject = "next key",
          .sentence = pin.error().message(),
          .mend = fmt::format("set GATEWAY_TLS_NEXT_KEY (now {}) to a PEM file with a private or "
                              "public key, or to nothing",
                              settings.next_key_file)};
}

finding check_state_folder(const gateway_settings& settings) {
  namespace files = std::filesystem;
  std::error_code failure;
  files::path place = files::absolute(settings.state_dir, failure);
  while (!files::exists(place, failure) && place.has_relative_path()) {
    place = place.parent_path();
  }
  if (files::is_directory(place, failure) && ::access(place.c_str(), R_OK | W_OK | X_OK) == 0) {
    return good("state folder", fmt::format("{} can be written.", settings.state_dir));
  }
  return {.grade = finding_grade::missing,
          .subject = "state folder",
          .sentence = fmt::format("{} cannot be written.", settings.state_dir),
          .mend = fmt::format("install -d -m 700 -o \"$(id -un)\" {}", settings.state_dir)};
}

finding check_membership(const gateway_settings& settings) {
  std::error_code failure;
  if (std::filesystem::exists(settings.state_dir + "/membership.json", failure)) {
    return good("membership", "is kept in the state folder.");
  }
  if (!settings.join_secret.reveal().empty()) {
    return good("membership", "the gateway will join when it starts.");
  }
  return {.grade = finding_grade::missing,
          .subject = "membership",
          .sentence = "there is none yet and no secret to join with.",
          .mend = "set BACKEND_GATEWAY_SECRET"};
}

net::task<> reach(net::endpoint place) {
  auto stream = co_await net::connect(std::move(place), net::deadline_after(backend_patience));
  if (!stream) {
    co_return base::fail(stream.error());
  }
  stream->close_now();
  co_return base::result<>();
}

base::result<> try_backend(const std::string& url) {
  HTTVPS_TRY(const auto origin, net::parse_origin(url));
  net::asio::io_context context(1);
  base::result<> outcome = base::fail(net::errc::timed_out);
  net::asio::co_spawn(context, reach(origin.place),
                      [&outcome](const std::exception_ptr& thrown, base::result<> done) {
                        outcome = thrown ? outcome : done;
                      });
  context.run();
  return outcome;
}

std::string_view word_for(finding_grade grade) noexcept {
  switch (grade) {
    case finding_grade::good:
      return "ok";
    case finding_grade::advice:
      return "advice";
    case finding_grade::missing:
      break;
  }
  return "missing";
}

}

std::vector<finding> check_process(const gateway_settings& settings, const host_view& host) {
  return {check_engine(settings, host), check_descriptors(settings, host)};
}

std::vector<finding> check_files(const gateway_settings& settings) {
  return {check_certificate(settings), check_next_key(settings), check_state_folder(settings),
          check_membership(settings)};
}

finding check_backend(const gateway_settings& settings) {
  const auto reached = try_backend(settings.backend_url);
  if (reached) {
    return good("backend", fmt::format("{} takes connections.", settings.backend_url));
  }
  return {.grade = finding_grade::advice,
          .subject = "backend",
          .sentence = fmt::format("{}: {} The gateway tries again until it is there.",
                                  settings.backend_url, reached.error().message()),
          .mend = fmt::format("curl -i {}/healthz", settings.backend_url)};
}

bool is_anything_missing(const std::vector<finding>& findings) noexcept {
  return std::ranges::any_of(
      findings, [](const finding& each) { return each.grade == finding_grade::missing; });
}

std::string to_text(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& each : findings) {
    text += fmt::format("{:<8}{}: {}\n", word_for(each.grade), each.subject, each.sentence);
    if (!each.mend.empty()) {
      text += fmt::format("        > {}\n", each.mend);
    }
  }
  return text;
}

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  }
}

}
