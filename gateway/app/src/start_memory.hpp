#pragma once

namespace httvps::gateway {

void give_back_start_memory() noexcept;

}
