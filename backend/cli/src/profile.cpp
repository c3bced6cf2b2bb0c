#include "profile.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>

#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "operation.hpp"

namespace httvps::ctl {
namespace {

namespace fs = std::filesystem;

outcome<json::object> read_profiles(const std::string& path) {
  if (!fs::exists(path)) {
    return json::object();
  }
  const auto text = identity::load_secret_file(path);
  if (!text && text.error() == identity::errc::key_file_exposed) {
    return failure(fmt::format("{} can be read by others. Run chmod 600 on it.", path));
  }
  if (!text) {
    return failure(fmt::format("{} cannot be read.", path), text.error());
  }
  boost::system::error_code trouble;
  const auto content = text->reveal_text();
  auto parsed = json::parse({content.data(), content.size()}, trouble);
  if (trouble || !parsed.is_object()) {
    return failure(fmt::format("{} is no JSON object.", path));
  }
  return std::move(parsed.get_object());
}

outcome<> replace_file(const std::string& path, std::string_view text) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const auto written = identity::replace_secret_file(path, base::secret_bytes::from_text(text));
  if (!written) {
    return failure(fmt::format("{} cannot be written.", path), written.error());
  }
  return {};
}

json::string_view to_json(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

}

outcome<std::string> profile_path(const environment_lookup& environment) {
  const auto* config = environment("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') {
    return std::string(config) + "/httvps/ctl.json";
  }
  const auto* home = environment("HOME");
  if (home == nullptr || *home != '/') {
    return failure("Set HOME or XDG_CONFIG_HOME: there is no place for the profile.");
  }
  return std::string(home) + "/.config/httvps/ctl.json";
}

outcome<profile> load_profile(const std::string& path, const std::string& name) {
  HTTVPS_TRY(const auto profiles, read_profiles(path));
  const json::value all(profiles);
  const auto* found = member_of(all, name);
  if (found == nullptr) {
    return profile{};
  }
  return profile{.server = text_of(*found, "server"),
                 .ca_file = text_of(*found, "ca_file"),
                 .token = base::secret_bytes::from_text(text_of(*found, "token"))};
}

outcome<> save_profile(const std::string& path, const std::string& name, const profile& kept) {
  HTTVPS_TRY(auto profiles, read_profiles(path));
  profiles[name] = json::object{{"server", kept.server},
                                {"ca_file", kept.ca_file},
                                {"token", to_json(kept.token.reveal_text())}};
  const auto text = json::serialize(profiles) + "\n";
  if (text.size() > identity::secret_file_limit) {
    return failure("There are too many profiles; a file holds about 20.");
  }
  return replace_file(path, text);
}

outcome<base::secret_bytes> load_token_file(const std::string& path) {
  const auto content = identity::load_secret_file(path);
  if (!content) {
    return failure(fmt::format("The token file {} cannot be used.", path), content.error());
  }
  auto text = content->reveal_text();
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  if (text.empty()) {
    return failure(fmt::format("The token file {} is empty.", path));
  }
  return base::secret_bytes::from_text(text);
}

}
