import unittest

from fuzzing.verdict import faults_of

LIST, CHANGE, JOIN = "GET /api/v1/admin/users", "PATCH /api/v1/admin/users/{id}", "POST /api/v1/gateway/join"
DOCUMENT = "GET /openapi.json"
OPERATIONS = {LIST: {"x-required-role": "read_only"}, CHANGE: {"x-required-role": "support"}, JOIN: {}, DOCUMENT: {}}
DONE = {"200": 3, "401": 1}
REFUSED = {"403": 4}


class Verdict(unittest.TestCase):
    def faults(self, role, answers, *, wants_all=True):
        return set(faults_of(role, OPERATIONS, answers, wants_all=wants_all))

    def test_every_operation_called_and_done_is_no_fault(self):
        self.assertEqual(self.faults("support", {LIST: DONE, CHANGE: DONE}), set())
        self.assertEqual(self.faults("machines", {JOIN: DONE, DOCUMENT: DONE}), set())

    def test_operation_that_was_not_called_is_a_fault(self):
        self.assertEqual(self.faults("admin", {LIST: DONE}), {"left out"})
        self.assertEqual(self.faults("machines", {}), {"left out"})
        self.assertEqual(self.faults("machines", {JOIN: DONE}), {"left out"})

    def test_part_of_a_run_leaves_the_rest_out(self):
        self.assertEqual(self.faults("admin", {LIST: DONE}, wants_all=False), set())

    def test_operation_that_never_succeeds_is_a_fault_for_a_role_that_may(self):
        self.assertEqual(self.faults("support", {LIST: DONE, CHANGE: REFUSED}), {"never done"})
        self.assertEqual(self.faults("machines", {JOIN: REFUSED, DOCUMENT: DONE}), {"never done"})

    def test_operation_that_never_succeeds_is_none_for_a_role_that_may_not(self):
        self.assertEqual(self.faults("read_only", {LIST: DONE, CHANGE: REFUSED}), set())

    def test_not_modified_counts_as_done(self):
        self.assertEqual(self.faults("read_only", {LIST: {"304": 1}, CHANGE: REFUSED}), set())


if __name__ == "__main__":
    unittest.main()
