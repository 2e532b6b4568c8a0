"""The parts of traces/FORMAT.md that tests run or compare: its fenced blocks, by name, and its
tables. With --renew: writes the worked example's bytes and digests again."""
import os
import re
import subprocess
import sys
import tempfile

import xxhash

import trace_decoder

PAGE = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "traces/FORMAT.md")
TOOL = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests/traces/traces_tool")


def tool(*arguments):
    """What traces_tool prints."""
    return subprocess.run([TOOL, *arguments], check=True, stdout=subprocess.PIPE).stdout


def text():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def block(name):
    """The fenced block whose opening line ends in `name`."""
    found = re.findall(rf"^```\w+ {re.escape(name)}\n(.*?)^```$", text(), re.M | re.S)
    assert len(found) == 1, f"{len(found)} blocks named {name}"
    return found[0]


def hex_block(name):
    return bytes.fromhex(re.sub(r"^[0-9a-f]+: ", "", block(name), flags=re.M))


def table_after(heading):
    """The rows, below the ruler, of the first table after `heading`, as lists of cells."""
    lines = text().split(f"\n{heading}\n", 1)[1].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|---"))
    rows = []
    for line in lines[start + 1:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def tiny_bytes():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tiny.ghog")
        tool("write", "tiny", path, "none")
        with open(path, "rb") as file:
            return file.read()


def dump(data):
    """Lines of 32 bytes, in words of four."""
    lines = []
    for at in range(0, len(data), 32):
        line = data[at:at + 32]
        words = (line[k:k + 4].hex() for k in range(0, len(line), 4))
        lines.append(f"{at:03x}: {' '.join(words)}\n")
    return "".join(lines)


def renew():
    data = tiny_bytes()
    trace = trace_decoder.Trace(data)
    wrapped = lambda raw: re.sub(r"(.{1,64})", r"\1\n", raw.hex())
    page = text()
    for name, content in (("tiny.ghog", dump(data)),
                          ("digest-catalogue", wrapped(trace.encoded_catalogue())),
                          ("digest-rows", wrapped(b"".join(map(trace.row, trace.records)))),
                          ("digest", trace.digest() + "\n")):
        page = page.replace(f"hex {name}\n{block(name)}```", f"hex {name}\n{content}```")
    for before, after in ((hashes_named(page)[0], trace.encoded_catalogue()),
                          (hashes_named(page)[1], b"".join(map(trace.row, trace.records)))):
        page = page.replace(before, xxhash.xxh3_128_hexdigest(after))
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)


def hashes_named(page):
    """The hashes of the catalogue's encoding and of the block of rows, as the page says."""
    return re.findall(r"the hash `([0-9a-f]{32})`", page)


if __name__ == "__main__":
    assert sys.argv[1:] == ["--renew"], __doc__
    renew()
