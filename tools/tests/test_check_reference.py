import unittest

from sample_tree import SampleTreeTest

import check_reference

HEADER = """#pragma once
#define HTTVPS_DO(x) x
#define HTTVPS_DO_IMPL(x) x
namespace httvps::wire {
struct later;
enum class kind { one };
using text = int;
inline constexpr int most = 1;
template <typename T>
concept Readable = requires(T value) { value.read(); };
class frame {
 public:
  struct inner {};
  int size() const;
};
int decode(int from);
bool operator==(const frame& left, const frame& right);
namespace detail {
int hidden();
}
namespace frame_detail {
int hidden_too();
}
}
"""
NAMES = ["kind", "text", "most", "Readable", "frame", "decode"]


class CheckReferenceTest(SampleTreeTest):
    def write_page(self, names):
        entries = [f"### {name}\n\n- Purpose: one.\n" for name in names]
        self.write("docs/reference/wire.md", "# wire\n\n" + "\n".join(entries))

    def setUp(self):
        super().setUp()
        self.write("lib/wire/include/httvps/wire/frame.hpp", HEADER)
        self.full = ["HTTVPS_DO"] + [f"httvps::wire::{name}" for name in NAMES]

    def test_a_full_page_passes(self):
        self.write_page(self.full)
        self.assertEqual(check_reference.find_problems(self.root), [])

    def test_one_heading_may_name_several_symbols(self):
        self.write_page([", ".join(f"`{name}`" for name in self.full)])
        self.assertEqual(check_reference.find_problems(self.root), [])

    def test_each_missing_entry_is_found(self):
        for left_out in self.full:
            with self.subTest(left_out=left_out):
                self.write_page([name for name in self.full if name != left_out])
                self.assert_names(check_reference.find_problems(self.root), left_out)

    def test_a_dead_entry_is_found(self):
        self.write_page([*self.full, "httvps::wire::gone"])
        self.assert_names(check_reference.find_problems(self.root), "httvps::wire::gone")

    def test_an_empty_entry_is_found(self):
        self.write_page(self.full)
        page = self.root / "docs/reference/wire.md"
        page.write_text(page.read_text().replace("### HTTVPS_DO\n\n- Purpose: one.\n", "### HTTVPS_DO\n"))
        self.assert_names(check_reference.find_problems(self.root), "empty entry")


if __name__ == "__main__":
    unittest.main()
