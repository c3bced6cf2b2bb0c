#include "postgresql_address.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/secret_text.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t longest_dsn = 4096;

struct option_closer {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using option_owner = std::unique_ptr<PQconninfoOption, option_closer>;

option_owner parse_options(const std::string& dsn) {
  char* complaint = nullptr;
  option_owner options(PQconninfoParse(dsn.c_str(), &complaint));
  PQfreemem(complaint);
  return options;
}

class option_view {
 public:
  explicit option_view(const PQconninfoOption* first) noexcept : first_(first) {}

  template <typename Visitor>
  void for_each_given(Visitor visit) const {
    for (const auto* option = first_; option->keyword != nullptr; ++option) {
      if (option->val != nullptr) {
        visit(std::string_view(option->keyword), std::string_view(option->val));
      }
    }
  }

  std::string_view given(std::string_view keyword) const {
    std::string_view found;
    for_each_given([&](std::string_view known, std::string_view value) {
      found = known == keyword ? value : found;
    });
    return found;
  }

  std::string_view effective(std::string_view keyword) const {
    const auto value = given(keyword);
    const char* variable = value.empty() ? variable_of(keyword) : nullptr;
    const char* outside = variable != nullptr ? std::getenv(variable) : nullptr;
    return outside != nullptr ? std::string_view(outside) : value;
  }

 private:
  const char* variable_of(std::string_view keyword) const {
    const auto* option = first_;
    while (option->keyword != nullptr && option->keyword != keyword) {
      ++option;
    }
    return option->envvar;
  }

  const PQconninfoOption* first_;
};

bool is_local(std::string_view host) noexcept {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host.starts_with("127.") || host == "::1";
}

bool all_local(std::string_view hosts) noexcept {
  while (true) {
    const auto comma = hosts.find(',');
    if (!is_local(hosts.substr(0, comma))) {
      return false;
    }
    if (comma == std::string_view::npos) {
      return true;
    }
    hosts.remove_prefix(comma + 1);
  }
}

bool stays_on_this_machine(const option_view& options) {
  return all_local(options.effective("host")) && all_local(options.effective("hostaddr")) &&
         options.effective("service").empty();
}

void append_option(std::string& text, std::string_view keyword, std::string_view value) {
  text.append(keyword).append("='");
  for (const char letter : value) {
    if (letter == '\'' || letter == '\\') {
      text += '\\';
    }
    text += letter;
  }
  text.append("' ");
}

void append_default(std::string& text, const option_view& options, std::string_view keyword,
                    std::string_view value) {
  if (options.effective(keyword).empty()) {
    append_option(text, keyword, value);
  }
}

std::string text_of(const option_view& options) {
  std::string text;
  text.reserve(4 * longest_dsn);
  options.for_each_given([&](std::string_view keyword, std::string_view value) {
    append_option(text, keyword, value);
  });
  append_default(text, options, "connect_timeout", "5");
  append_default(text, options, "tcp_user_timeout", "10000");
  append_default(text, options, "application_name", "httvps-backend");
  append_option(text, "client_encoding", "UTF8");
  if (!stays_on_this_machine(options)) {
    append_default(text, options, "sslmode", "verify-full");
  }
  return text;
}

}

base::result<base::secret_bytes> postgresql_connection_text(const base::secret_bytes& dsn) {
  if (dsn.size() > longest_dsn || dsn.reveal_text().find('\0') != std::string_view::npos) {
    return base::fail(errc::dsn_invalid);
  }
  std::string plain(dsn.reveal_text());
  const auto options = parse_options(plain);
  base::wipe_text(plain);
  if (!options) {
    return base::fail(errc::dsn_invalid);
  }
  auto text = text_of(option_view(options.get()));
  return base::take_text(text);
}

}
