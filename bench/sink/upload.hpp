#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "common/descriptor.hpp"
#include "common/http_head.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

enum class upload_check { count, digest };

class upload {
 public:
  explicit upload(descriptor socket);

  base::result<void> advance();

 private:
  struct free_digest {
    void operator()(EVP_MD_CTX* digest) const noexcept;
  };

  base::result<void> read_head();
  base::result<void> start_body(const http_head& head);
  base::result<void> read_body();
  base::result<void> finish_when_complete();
  std::string answer_body();

  descriptor socket_;
  head_reader head_;
  std::unique_ptr<EVP_MD_CTX, free_digest> digest_;
  upload_check check_ = upload_check::count;
  base::byte_count length_ = 0;
  base::byte_count left_ = 0;
  bool in_body_ = false;
};

}
