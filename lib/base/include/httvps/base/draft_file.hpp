#pragma once

#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::base {

class draft_file {
 public:
  static result<draft_file> create(std::string path);
  draft_file(draft_file&& other) noexcept;
  draft_file& operator=(draft_file&&) = delete;
  draft_file(const draft_file&) = delete;
  draft_file& operator=(const draft_file&) = delete;
  ~draft_file();

  const std::string& name() const noexcept { return name_; }
  result<> write(byte_view content);
  result<> publish();
  result<> replace();

 private:
  draft_file(std::string path, std::string name, int descriptor) noexcept;

  std::string path_;
  std::string name_;
  int descriptor_ = -1;
};

}
