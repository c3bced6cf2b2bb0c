#include "home_files.hpp"

#include <fmt/format.h>

#include "httvps/base/random.hpp"

namespace httvps::backend::test_support {
namespace {

struct addresses {
  std::string wanted;
  std::string opened;
};

addresses& known() {
  static addresses all;
  return all;
}

}

home_files::home_files()
    : folder_(std::filesystem::temp_directory_path() /
              fmt::format("httvps_home_{:016x}", base::secure_random().next_u64())) {
  std::filesystem::create_directories(folder_);
  known().wanted = "sqlite://" + (folder_ / "backend.db").string();
}

home_files::~home_files() {
  std::error_code ignored;
  known() = {};
  std::filesystem::remove_all(folder_, ignored);
}

std::string home_files::wanted() {
  return known().wanted;
}

std::string home_files::opened() {
  return known().opened;
}

void home_files::note_opened(const std::string& dsn) {
  known().opened = dsn;
}

}
