#pragma once

#include <filesystem>
#include <string>

namespace httvps::backend::test_support {

class home_files {
 public:
  home_files();
  home_files(const home_files&) = delete;
  home_files& operator=(const home_files&) = delete;
  ~home_files();

  static std::string wanted();
  static std::string opened();
  static void note_opened(const std::string& dsn);

 private:
  std::filesystem::path folder_;
};

}
