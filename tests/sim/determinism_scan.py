#!/usr/bin/env python3
"""Refuses, in the given sources, everything that could make two runs differ.

    determinism_scan.py FOLDER...           exit 1 if any source line breaks a rule
    determinism_scan.py --expect-all FILE   exit 1 unless every line of FILE marked BREAKS does, and
                                            no other: the canary that proves each rule can fail

Comments and string literals are ignored. A line cannot be exempted: put code that needs such a
thing into another folder, and pass its result in.
"""
import pathlib
import re
import sys

# Functions whose results differ between libms (and fma, which hides a rounding). Those that IEEE
# 754 makes exact, such as sqrt, floor and fabs, are allowed.
TRANSCENDENTALS = (
    "exp exp2 expm1 exp10 log log2 log10 log1p pow cbrt hypot sin cos tan sincos asin acos atan "
    "atan2 sinh cosh tanh asinh acosh atanh erf erfc tgamma lgamma fma beta riemann_zeta").split()
LIBM = "|".join(TRANSCENDENTALS)

RULES = [
    ("clock",
     r"\bchrono\b|\b(steady|system|high_resolution|utc|file)_clock\b|\b(clock|time)\s*\(|"
     r"\b(clock_gettime|gettimeofday|timespec_get|localtime|gmtime|strftime|mktime|ctime)\w*|"
     r"\babsl::(Now|GetCurrentTimeNanos|Clock)\b|absl/time/(?!civil_time)|\b__rdtsc\b|"
     r"__(DATE|TIME)__|#\s*include\s*<(ctime|time\.h|sys/time\.h)>"),
    ("hash container",
     r"\bunordered_(multi)?(map|set)\b|\b(flat|node)_hash_(map|set)\b|\bstd::hash\b|"
     r"\babsl::Hash\w*|absl/(hash|container/(flat|node)_hash)|\bhash_value\b"),
    ("standard random numbers",
     r"\b\w+_distribution\b(?!\.h)|\brandom_device\b|\bmt19937\w*|"
     r"\b(minstd_rand0?|default_random_engine|knuth_b|ranlux\w+)\b|"
     r"\bshuffle\b|\bs?rand(om|48)?\s*\(|\bBitGen\b|absl/random|"
     r"\bstd::sample\b|#\s*include\s*<random>|\bget(random|entropy)\b"),
    ("libm transcendental",
     rf"\bstd::({LIBM})[fl]?\b|(?<![\w.:>])({LIBM})[fl]?\s*\("),
    ("floating-point time",
     r"\bduration<\s*(float|double)|"
     r"\b(float|double)\s+\w*(time|timestamp|now|deadline)_?\s*[;=,){]"),
    ("environment or locale",
     r"\b(secure_)?getenv\b|\benviron\b|\bsetlocale\b|\bstd::locale\b|"
     r"#\s*include\s*<(locale|clocale)>|\bgethostname\b|\bgetpid\b"),
    ("pointer value",
     r"\bu?intptr_t\b|reinterpret_cast<\s*(std::)?(u?int\w*|size_t|unsigned|long)|"
     r"\bstd::less<[^<>]*\*\s*>|\bstd::(multi)?(map|set)<\s*(const\s+)?[\w:]+\s*\*|"
     r"bit_cast<\s*std::u?int\w*>\s*\(\s*(&|this\b)"),
    ("thread",
     r"\bthread_local\b|\bstd::(this_)?thread\b|\bpthread_\w+|\bstd::(atomic|mutex|async)\b|"
     r"\bgettid\b|#\s*include\s*<(thread|mutex|atomic|future)>"),
    ("fast arithmetic", r"\b(ffast-math|float_control|FP_CONTRACT)\b|\blong double\b"),
]
COMPILED = [(name, re.compile(pattern)) for name, pattern in RULES]
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """Comments and literals become spaces, so that line numbers stay; includes keep their names."""
    return re.sub(r"[^\n]", " ", match.group())


def code_lines(text):
    kept = [line if re.match(r"\s*#\s*include", line) else None for line in text.split("\n")]
    blanked = NOT_CODE.sub(blank, text).split("\n")
    return [include or code for include, code in zip(kept, blanked)]


def broken_rules(text):
    """(line number, rule, line) for every line that breaks a rule."""
    for number, line in enumerate(code_lines(text), 1):
        for name, pattern in COMPILED:
            if pattern.search(line):
                yield number, name, line.strip()


def scan(folders):
    sources = [path for folder in folders for path in sorted(pathlib.Path(folder).rglob("*"))
               if path.suffix in (".h", ".cc", ".cpp", ".hpp", ".inc")]
    if not sources:
        sys.exit("no sources found in " + " ".join(folders))
    found = 0
    for path in sources:
        for number, name, line in broken_rules(path.read_text(encoding="utf-8")):
            print(f"{path}:{number}: {name}: {line}")
            found += 1
    print(f"{len(sources)} sources, {found} broken rules")
    return 1 if found else 0


def expect_all(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    broken = {}
    for number, name, _ in broken_rules(text):
        broken.setdefault(number, set()).add(name)
    wrong = 0
    seen = set()
    for number, line in enumerate(text.split("\n"), 1):
        expected = re.search(r"// BREAKS: (.*)$", line)
        name = expected.group(1).strip() if expected else None
        if (name is not None) != (number in broken) or (name and name not in broken[number]):
            print(f"{path}:{number}: expected {name}, found {broken.get(number)}: {line}")
            wrong += 1
        if name:
            seen.add(name)
    for name, _ in RULES:
        if name not in seen:
            print(f"{path}: no line breaks the rule '{name}'")
            wrong += 1
    print(f"{len(broken)} lines of the canary caught, {wrong} wrong")
    return 1 if wrong else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--expect-all":
        return expect_all(arguments[1])
    if arguments and not arguments[0].startswith("-"):
        return scan(arguments)
    sys.exit(__doc__)


sys.exit(main(sys.argv[1:]))
