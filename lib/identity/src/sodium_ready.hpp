#pragma once

namespace httvps::identity {

void make_sodium_ready() noexcept;

}
