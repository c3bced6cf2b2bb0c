#include "disk_state.hpp"

#include "httvps/identity/key_file.hpp"
#include "private_file.hpp"

namespace httvps::node {
namespace {

constexpr std::size_t document_most = std::size_t{4} * 1024 * 1024;
constexpr std::size_t counters_most = std::size_t{8} * 1024 * 1024;

base::result<void> keep(const std::string& path, const std::string& text) {
  return replace_private_file(path, base::secret_bytes::from_text(text));
}

}

base::result<void> disk_state::prepare() const {
  return make_private_folder(folder_);
}

base::result<identity::box_key> disk_state::box_key(base::random_source& random) const {
  return identity::load_or_create_box_key(file("box.key"), random);
}

base::result<std::string> disk_state::wanted_document() const {
  HTTVPS_TRY(const auto content, read_private_file(file("wanted.json"), document_most));
  return std::string(content.reveal_text());
}

base::result<void> disk_state::keep_wanted(const std::string& document) const {
  return keep(file("wanted.json"), document);
}

base::result<key_counters> disk_state::counters() const {
  HTTVPS_TRY(const auto content, read_private_file(file("counters.json"), counters_most));
  return key_counters::from_text(content.reveal_text());
}

base::result<void> disk_state::keep_counters(const std::string& text) const {
  return keep(file("counters.json"), text);
}

}
