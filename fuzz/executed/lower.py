"""Makes a C file of what E-ACSL prints: the checks alone, over checks.h in place of its library."""

from __future__ import annotations

import re
from collections.abc import Iterator

DATA = r"__gen_e_acsl_assert_data(?:_\d+)?"


def items(text: str) -> Iterator[str]:
    """Function definitions at the outermost level, without annotations."""
    text = re.sub(r"/\*@.*?\*/", "", text, flags=re.S)
    for found in re.finditer(r"^[a-z][^;{}=]*?__gen_e_acsl_\w+\([^;{}]*\)\s*\{.*?^\}", text, re.M | re.S):
        yield found[0]


def name_of(item: str) -> str:
    found = re.search(r"(__gen_e_acsl_\w+)\(", item)
    assert found
    return found[1]


def checks(item: str, index_of: dict[int, int]) -> str:
    """Each assertion by the index of the clause on its line; reads are not checked one by one."""
    line_of: dict[str, int] = {}
    for found in re.finditer(rf"({DATA})\.line = (\d+);", item):
        line_of[found[1]] = int(found[2])
    reads = set(re.findall(r"(\w+) = __e_acsl_valid_read\(", item))
    item = re.sub(rf"\s*{DATA}\.\w+ =\s*(?:\"(?:[^\"\\]|\\.)*\"|[^;\"]*);", "", item)
    item = re.sub(rf"\s*__e_acsl_assert_data_t {DATA} =\s*\{{[^}}]*\}};", "", item)

    def check(found: re.Match[str]) -> str:
        condition, data = found[1].strip(), found[2]
        if condition in reads:
            return ";"
        return f"CHECK({condition}, {index_of.get(line_of[data], 'GUARD')});"

    item = re.sub(rf"__e_acsl_assert\(([^;]*?),\s*& ({DATA})\);", check, item)
    item = re.sub(r"\w+ = __e_acsl_valid_read\([^;]*\);", "", item)
    return re.sub(rf"\bint __gen_e_acsl_valid_read\w*;", "", item)


def wrapper(item: str) -> str:
    """Where the function itself is called: what was found before it is told first."""
    found = re.search(r"(?m)^( *)((?:__retres = )?plain_(\w+)\(([^;]*)\);)", item)
    if not found:
        return item
    function = found[3]
    arguments = [part.strip() for part in found[4].split(",")]
    item = (item[:found.start()] + f"{found[1]}ENTERS({function});\n{found[1]}{found[2]}\n"
            f"{found[1]}LEFT({function});" + item[found.end():])
    begin = item.index("{") + 1
    returned = "" if item.startswith("void __") else "return "
    straight = f"{returned}plain_{function}({', '.join(arguments)});"
    if not returned:
        straight += " return;"
    item = item[:begin] + f"\n  BEGINS({function});\n  if (! checking) {{ {straight} }}" + item[begin:]
    return re.sub(r"\breturn( __retres)?;\s*\}\s*\}\s*\Z", r"ENDS(%s); return\1; } }" % function, item)


def lowered(text: str, index_of: dict[int, int]) -> str:
    found = [wrapper(checks(item, index_of)) for item in items(text)]
    heads = []
    for item in found:
        head = " ".join(item[:item.index("{")].split())
        label = re.search(r"__gen_e_acsl_plain_(\w+)\(", head)
        linkage = "static " if label is None else ""
        if label:
            heads.append(head.replace("__gen_e_acsl_plain_", "plain_") + ";")
        heads.append(f"{linkage}{head}" + (f' __asm__("checked_{label[1]}")' if label else "") + ";")
    bodies = [item if "__gen_e_acsl_plain_" in item[:item.index("{")] else "static " + item
              for item in found]
    return "\n".join(heads) + "\n\n" + "\n\n".join(bodies) + "\n"
