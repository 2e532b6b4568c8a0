"""The keys of groundhog-replay and the mode of its terminal, each by itself (keys_tool.cc)."""
import os
import resource
import signal
import subprocess
import termios
import unittest

from terminal import Terminal

TOOL = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests/cli/keys_tool")
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
ESCAPE, BACKSPACE, ERASE_LINE = "\x1b", "\x7f", "\x15"


def setUpModule():
    # Some of these programs die by signals that would leave a core.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class KeyboardTest(unittest.TestCase):

    def said_of(self, keys):
        """What the keyboard makes of keys that are pressed in one piece."""
        with Terminal([TOOL, "keyboard"]) as at:
            at.wait_for("<open>")
            at.press(keys + "q")
            at.wait_for("<quit>")
            self.assertEqual(at.exit_code(), 0)
            return at.lines()

    def commands_of(self, keys):
        commands = [line[1:-1] for line in self.said_of(keys) if line.startswith("<")]
        return commands[1:-1]  # without <open> and <quit>

    def test_each_key_is_a_command(self):
        for key, command in ((" ", "toggle"), (RIGHT, "step 1"), (UP, "faster"),
                             (DOWN, "slower"), ("n", "next"), ("p", "previous")):
            self.assertEqual(self.commands_of(key), [command])

    def test_arrows_of_the_application_mode_are_the_same(self):
        self.assertEqual(self.commands_of("\x1bOA\x1bOB\x1bOC"), ["faster", "slower", "step 1"])

    def test_keys_pressed_at_once_keep_their_order(self):
        self.assertEqual(self.commands_of("n" + RIGHT + " p" + UP),
                         ["next", "step 1", "toggle", "previous", "faster"])

    def test_keys_that_mean_nothing_are_passed_over(self):
        for key in ("x", "N", LEFT, "\x1b[15~", "\x1b[1;5C", "\x1bOP", ESCAPE, "\xe4"):
            self.assertEqual(self.commands_of(key + "n"), ["next"], repr(key))

    def test_t_asks_for_a_time(self):
        lines = self.said_of("t14:05\r")
        self.assertIn("go to (14:05, 14h30m or a date): 14:05", lines)
        self.assertIn("<goto 14:05>", lines)

    def test_letters_that_are_commands_elsewhere_are_text_of_a_time(self):
        self.assertEqual(self.commands_of("tn p?\rn"), ["goto n p?", "next"])

    def test_a_time_can_be_corrected(self):
        self.assertEqual(self.commands_of(f"t14:5{BACKSPACE}05\n"), ["goto 14:05"])
        self.assertEqual(self.commands_of(f"t99{ERASE_LINE}14h\r"), ["goto 14h"])
        self.assertEqual(self.commands_of(f"t{BACKSPACE}2h\r"), ["goto 2h"])

    def test_arrows_do_nothing_to_a_time(self):
        self.assertEqual(self.commands_of(f"t1{LEFT}{UP}4h\r"), ["goto 14h"])

    def test_escape_or_an_empty_time_goes_nowhere(self):
        self.assertEqual(self.commands_of(f"t14h{ESCAPE}n"), ["next"])
        self.assertEqual(self.commands_of("t\rn"), ["next"])

    def test_a_time_stays_on_one_line(self):
        self.assertEqual(self.commands_of("t" + 60 * "1" + "\r"), ["goto " + 40 * "1"])

    def test_help_is_printed(self):
        for key in "?h":
            lines = self.said_of(key)
            self.assertTrue(any(line.startswith("keys: space pause") for line in lines), lines)

    def test_only_what_failed_is_answered(self):
        lines = self.said_of("nt14h\r")
        self.assertIn("keys_tool: no time like that", lines)
        self.assertFalse([line for line in lines if "pace" in line])

    def test_there_is_none_without_a_terminal(self):
        with Terminal([TOOL, "keyboard"], stdin=subprocess.DEVNULL) as at:
            at.wait_for("<none>")
        with Terminal(["sh", "-c", 'exec "$0" keyboard 2>/dev/null', TOOL]) as at:
            at.wait_for("<none>")
            self.assertTrue(at.has_its_mode())

    def test_there_is_none_in_the_background(self):
        with Terminal([TOOL, "keyboard"], foreground=False) as at:
            at.wait_for("<none>")
            self.assertTrue(at.has_its_mode())

    def test_where_standard_input_is_data_it_is_that_of_the_controlling_terminal(self):
        with Terminal([TOOL, "keyboard", "data"], stdin=subprocess.DEVNULL) as at:
            at.wait_for("<open>")
            at.press("nq")
            at.wait_for("<next>")
            self.assertEqual(at.exit_code(), 0)
            self.assertTrue(at.has_its_mode())

    def test_keys_go_on_after_ctrl_z(self):
        with Terminal([TOOL, "keyboard"]) as at:
            at.wait_for("<open>")
            at.press("\x1a")
            self.assertEqual(at.wait_for_report(), "stopped")
            at.send(signal.SIGCONT)
            self.assertEqual(at.wait_for_report(), "goes on")
            at.press("nq")
            at.wait_for("<next>")
            self.assertEqual(at.exit_code(), 0)


class TerminalModeTest(unittest.TestCase):

    def test_keys_come_one_by_one_and_ctrl_c_keeps_its_meaning(self):
        with Terminal([TOOL, "mode"]) as at:
            at.wait_for("<foreground>")
            self.assertTrue(at.hands_over_keys())
            self.assertTrue(termios.tcgetattr(at.slave)[3] & termios.ISIG)

    def test_the_end_puts_the_terminal_back(self):
        with Terminal([TOOL, "mode"]) as at:
            at.wait_for("<foreground>")
            at.press("q")
            self.assertEqual(at.exit_code(), 0)
            self.assertTrue(at.has_its_mode())

    def test_a_signal_that_ends_the_program_puts_it_back_first(self):
        for number in (signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS,
                       signal.SIGILL, signal.SIGFPE):
            with self.subTest(signal=number), Terminal([TOOL, "mode"]) as at:
                at.wait_for("<foreground>")
                at.send(number)
                self.assertNotEqual(at.exit_code(), 0)  # a sanitizer has a code of its own
                self.assertTrue(at.has_its_mode())

    def test_ctrl_z_puts_it_back_and_going_on_takes_the_keys_again(self):
        with Terminal([TOOL, "mode"]) as at:
            at.wait_for("<foreground>")
            for _ in range(2):
                at.press("\x1a")
                self.assertEqual(at.wait_for_report(), "stopped")
                self.assertTrue(at.has_its_mode())
                shown = len(at.shown)
                at.send(signal.SIGCONT)
                self.assertEqual(at.wait_for_report(), "goes on")
                at.wait_for("<continued>", after=shown)
                self.assertTrue(at.hands_over_keys())
            at.press("xq")
            self.assertEqual(at.exit_code(), 0)
            self.assertEqual(at.shown.count(b"<continued>"), 2)

    def test_a_signal_that_was_ignored_stays_ignored(self):
        with Terminal(["sh", "-c", 'trap "" QUIT TSTP; exec "$0" mode', TOOL]) as at:
            at.wait_for("<foreground>")
            at.send(signal.SIGQUIT)
            at.send(signal.SIGTSTP)
            self.assertTrue(at.hands_over_keys())
            at.press("q")
            self.assertEqual(at.exit_code(), 0)

    def test_in_the_background_it_is_left_alone(self):
        with Terminal([TOOL, "mode"], foreground=False) as at:
            at.wait_for("<background>")
            self.assertEqual(at.exit_code(), 0)
            self.assertTrue(at.has_its_mode())


if __name__ == "__main__":
    unittest.main()
