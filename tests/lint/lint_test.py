"""The sources obey the rules (layers, links, sizes, registered tests); each rule can fail."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.environ["GROUNDHOG_SOURCE_DIR"]
LAYERS = os.path.join(ROOT, "scripts", "check-layers")
SIZES = os.path.join(ROOT, "scripts", "check-sizes")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


class TreeTest(unittest.TestCase):
    """Gives each test a source tree of its own."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = temporary.name

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class LayersTest(TreeTest):

    def test_the_project_keeps_its_layers(self):
        self.assertEqual(run(sys.executable, LAYERS, ROOT), (0, ""))

    def check(self):
        return run(sys.executable, LAYERS, self.root)

    def assert_include(self, path, header, allowed):
        self.write(path, f'#include {header}\n')
        status, output = self.check()
        self.assertEqual(status, 0 if allowed else 1, output)
        if not allowed:
            self.assertIn(f"{path}:1:", output)

    def test_includes_against_the_arrows_are_refused(self):
        for path, header in [
                ("text/a.h", '"sim/event_queue.h"'), ("sim/a.h", '"text/suggestion.h"'),
                ("sim/a.h", '"traces/record.h"'), ("sim/a.h", '"model/scenario/scenario.h"'),
                ("traces/a.h", '"sim/event_queue.h"'), ("traces/a.h", '"model/world/world.h"'),
                ("traces/a.h", '"sinks/sink.h"'), ("model/world/a.h", '"sinks/sink.h"'),
                ("model/scenario/keys/a.h", '"model/world/world.h"'),
                ("model/scenario/a.h", '"sim/event_queue.h"'),
                ("model/world/plan/a.h", '"model/review/warnings.h"'),
                ("model/review/a.h", '"replay/player.h"'), ("sinks/a.h", '"replay/player.h"'),
                ("sinks/a.h", '"model/world/world.h"'), ("sinks/a.h", '"sim/event_queue.h"'),
                ("replay/a.h", '"model/world/world.h"'), ("replay/a.h", '"sim/event_queue.h"'),
                ("sim/a.h", '"cli/shared/exit_codes.h"'), ("cli/shared/a.h", '"replay/player.h"'),
                ("cli/groundhog/a.h", '"sinks/sink.h"'),
                ("cli/groundhog/a.h", '"cli/replayer/options.h"'),
                ("cli/replayer/a.h", '"model/world/world.h"'),
                ("model/world/a.h", "<librdkafka/rdkafka.h>"),
                ("replay/a.h", "<librdkafka/rdkafka.h>"),
                ("sinks/a.h", "<librdkafka/rdkafka.h>"),
                ("sinks/a.h", '"sinks/kafka/kafka_sink.h"'),
                ("replay/a.h", '"sinks/kafka/kafka_sink.h"'),
                ("model/world/a.h", "<yaml-cpp/yaml.h>"),
                ("replay/a.h", "<capnp/message.h>"), ("model/review/a.h", "<CLI/CLI.hpp>"),
                ("model/a.h", "<vector>")]:
            with self.subTest(path=path, header=header):
                self.assert_include(path, header, allowed=False)
                os.remove(os.path.join(self.root, path))

    def test_includes_along_the_arrows_pass(self):
        for path, header in [
                ("text/a.h", '"sim/time.h"'), ("traces/a.h", '"text/utf8.h"'),
                ("traces/a.h", '"sim/time.h"'), ("model/world/a.h", '"sim/event_queue.h"'),
                ("model/world/plan/a.h", '"traces/record.h"'), ("sinks/a.h", '"traces/record.h"'),
                ("model/scenario/keys/a.h", '"text/suggestion.h"'),
                ("model/world/state/a.h", '"model/world/world.h"'),
                ("model/world/a.h", '"model/scenario/keys/keys.h"'),
                ("replay/a.h", '"sinks/sink.h"'), ("replay/a.h", '"sim/time.h"'),
                ("cli/groundhog/a.h", '"model/world/world.h"'),
                ("cli/groundhog/a.h", '"cli/shared/program.h"'),
                ("cli/replayer/a.h", '"sinks/sink.h"'),
                ("sinks/kafka/a.h", "<librdkafka/rdkafka.h>"),
                ("sinks/kafka/a.h", '"sinks/sink.h"'),
                ("cli/replayer/a.h", '"sinks/kafka/kafka_sink.h"'), ("sim/a.h", "<vector>"),
                ("sim/a.h", '"sim/b.h"'), ("model/scenario/a.h", "<yaml-cpp/yaml.h>")]:
            with self.subTest(path=path, header=header):
                self.assert_include(path, header, allowed=True)

    def assert_cmake(self, folder, text, wanted):
        path = self.write(f"{folder}/CMakeLists.txt", text)
        status, output = self.check()
        os.remove(path)
        self.assertEqual(status, 1 if wanted else 0, output)
        self.assertIn(wanted, output)

    def test_links_against_the_arrows_are_refused(self):
        for folder, target, link in [
                ("sim", "groundhog_sim", "groundhog_traces"),
                ("traces", "groundhog_traces", "groundhog_scenario"),
                ("model/scenario", "groundhog_scenario", "groundhog_world"),
                ("model/world", "groundhog_world", "groundhog_sinks"),
                ("replay", "groundhog_replay", "groundhog_world"),
                ("cli/groundhog", "groundhog", "groundhog_sinks"),
                ("cli/groundhog", "groundhog", "groundhog_replay"),
                ("cli/replayer", "groundhog-replay", "groundhog_world"),
                ("sinks", "groundhog_sinks", "groundhog_sink_kafka"),
                ("sinks", "groundhog_sinks", "PkgConfig::RDKAFKA"),
                ("replay", "groundhog_replay", "groundhog_sink_kafka"),
                ("model/world", "groundhog_world", "PkgConfig::RDKAFKA")]:
            with self.subTest(target=target, link=link):
                kind = "executable" if folder.startswith("cli") else "library"
                text = f"# first\ngroundhog_{kind}({target}\n  SOURCES\n  LINKS {link})\n"
                self.assert_cmake(folder, text, f"{target} must not link {link}")
        self.assert_cmake("model/world",
                          "groundhog_library(groundhog_world LINKS groundhog_sim)", "")

    def test_links_in_a_variable_are_seen(self):
        self.assert_cmake("sinks", "set(some groundhog_replay)\n"
                          "groundhog_library(groundhog_sinks SOURCES LINKS ${some})",
                          "groundhog_sinks must not link groundhog_replay")

    def test_ways_around_the_functions_are_refused(self):
        self.assert_cmake("model", "target_link_libraries(groundhog_world groundhog_sinks)",
                          "use groundhog_library")
        self.assert_cmake("model", "groundhog_library(groundhog_extra LINKS x)", "no place")

    def test_a_source_that_no_target_names_is_refused(self):
        self.write("sim/forgotten.cc", "")
        self.write("sim/CMakeLists.txt", "groundhog_library(groundhog_sim SOURCES other.cc)")
        self.assertEqual(self.check()[0], 1)


class SizesTest(TreeTest):

    def test_the_project_keeps_its_sizes(self):
        self.assertEqual(run(sys.executable, SIZES), (0, ""))

    def findings(self, name, text):
        return run(sys.executable, SIZES, self.write(name, text))

    def test_long_lines_functions_and_files_are_refused(self):
        body = "  a();\n" * 80
        for name, text, line in [
                ("a.cc", "// " + "x" * 98 + "\n", 1),
                ("a.cc", "\nint F() {\n" + body + "}\n", 2),
                ("a.cc", "a();\n" * 501, 1),
                ("a.py", "def f():\n" + "    a()\n" * 80 + "b()\n", 1),
                ("a.sh", "f() {\n" + body + "}\n", 1)]:
            with self.subTest(name=name, lines=text.count("\n")):
                status, output = self.findings(name, text)
                self.assertEqual(status, 1)
                self.assertIn(f"{name}:{line}:", output)

    def assert_refused(self, name, text, line, reason):
        status, output = self.findings(name, text)
        self.assertEqual(status, 1)
        self.assertIn(f"{name}:{line}: {reason}", output)

    def test_long_methods_in_class_bodies_are_refused(self):
        method = ("  template <typename T>\n"
                  "  absl::Status Run(const T& one,\n"
                  "                   int two) const {\n" + "    a();\n" * 70 + "  }\n")
        reason = "a function of 72 lines"
        self.assert_refused("a.h", "class A {\n public:\n" + method + "};\n", 5, reason)
        nested = "".join("  " + line + "\n" for line in method.splitlines())
        inner = "class A {\n  struct B : public C {\n" + nested + "  };\n};\n"
        self.assert_refused("a.cc", inner, 5, reason)
        local = "void F() {\n  struct B {\n" + nested + "  };\n}\n"
        self.assertIn("a.cc:5: " + reason, self.findings("a.cc", local)[1])

    def test_long_classes_are_refused(self):
        members = "  int a_;\n" * 201
        for head, line in [("class A {\n", 1), ("\nstruct A final : public B {\n", 2),
                           ("class A\n    : public B,\n      public C {\n", 1),
                           ("template <typename T>\nclass A<std::vector<T>> {\n", 2),
                           ("class Reader::Impl {\n", 1)]:
            with self.subTest(head=head):
                self.assert_refused("a.cc", head + members + "};\n", line,
                                    "a class of 201 lines")
        indented = "class A {\n  struct B {\n" + "    int a_;\n" * 201 + "  };\n};\n"
        self.assert_refused("a.cc", indented, 2, "a class of 201 lines")
        self.assert_refused("a.py", "class A:\n" + "    a()\n" * 201, 1, "a class of 201 lines")

    def test_classes_of_many_methods_are_refused(self):
        others = "  int a_ = f();\n  std::function<void(int)> f_;\n  friend int F();\n" * 10
        for method in ["  void F();\n", "  int a() const { return a_; }\n", "  ~A() = default;\n",
                       "  bool operator==(const A&) const = default;\n",
                       "  explicit operator bool() const { return true; }\n",
                       "  absl::StatusOr<std::vector<int>>\n  Long(int a,\n       int b);\n",
                       "  template <typename T>\n  void F(T t) {\n    G(t);\n  }\n"]:
            with self.subTest(method=method):
                for count, status in [(41, 1), (40, 0)]:
                    text = "class A {\n public:\n" + others + method * count + "};\n"
                    found, output = self.findings("a.h", text)
                    self.assertEqual(found, status, output)
                    self.assertEqual("a.h:1: a class of 41 methods" in output, status == 1)
        methods = "    def f(self):\n        pass\n" * 41
        self.assert_refused("a.py", "class A:\n" + methods, 1, "a class of 41 methods")

    def test_what_fits_passes(self):
        whole = "class A {\n" + "  int a_;\n" * 200 + "};\n"
        self.assertEqual(self.findings("a.h", whole), (0, ""))
        short = "int F() {\n" + "  a();\n" * 68 + "}\n"
        self.assertEqual(self.findings("a.cc", short * 7), (0, ""))
        table = "constexpr auto kTable = std::to_array<int>({\n" + "    1,\n" * 80 + "});\n"
        self.assertEqual(self.findings("a.cc", table), (0, ""))
        self.assertEqual(self.findings("a.h", "inline " + table), (0, ""))
        self.assertEqual(self.findings("a_tables.h", "1,\n" * 900), (0, ""))
        self.assertEqual(self.findings("a.cc", "// " + "x" * 97 + "\n"), (0, ""))


class RegisteredTestsTest(TreeTest):

    def configure(self, registered):
        module = os.path.join(ROOT, "cmake", "GroundhogTargets.cmake")
        self.write("CMakeLists.txt", f"""
cmake_minimum_required(VERSION 3.25)
project(canary LANGUAGES NONE)
enable_testing()
include("{module}")
add_subdirectory(sim)
groundhog_check_test_sources(sim)
""")
        self.write("sim/CMakeLists.txt",
                   "groundhog_script_test(clock SCRIPT clock_test.sh)" if registered else "")
        self.write("sim/clock_test.sh", "true\n")
        build = os.path.join(self.root, "build")
        return run("cmake", "-S", self.root, "-B", build, "-G", "Ninja")

    def test_a_test_source_that_no_test_names_stops_the_build(self):
        status, output = self.configure(registered=False)
        self.assertNotEqual(status, 0)
        self.assertIn("is part of no test", output)

    def test_a_test_source_that_is_named_configures(self):
        status, output = self.configure(registered=True)
        self.assertEqual(status, 0, output)


if __name__ == "__main__":
    unittest.main()
