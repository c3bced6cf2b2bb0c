#include "temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace httvps::sdk::testing {

temporary_folder::temporary_folder()
    : path_((std::filesystem::temp_directory_path() / "httvps_sdk_XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::runtime_error("making a temporary folder failed");
  }
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}
