"""Writes a clause so that E-ACSL can translate it: the same statement, without what it lacks.

- Words with labels are replaced by their definitions, `\\at(e,A)` by `\\old(e)` or `e`.
- `\\separated` is comparisons of addresses; addresses are flat if they are at both ends.
- `\\valid` and zero memory are asked of helpers (memory.c).
- What is said of all regions is said of some when there are many: SOME.
- The system's next answer is the one that it gave: it is read when the call has ended.
"""

from __future__ import annotations

import re

from acsl import NAME, Unreadable, Word, closing, split

NOW, OLD = "now", "old"
SOME = 4  # so many regions from the first on, the last, and one that the input chooses


def substituted(text: str, names: tuple[str, ...], values: list[str]) -> str:
    """Parameters replaced, but neither fields nor functions of the same name."""
    mapping = dict(zip(names, values))
    pattern = rf"(?<![\w.>\\])({'|'.join(map(re.escape, names))})\b(?!\s*\()"
    return re.sub(pattern, lambda found: f"({mapping[found[1]]})"
                  if not re.fullmatch(r"\w+|\(.*\)", mapping[found[1]])
                  else mapping[found[1]], text) if names else text


def address(p: str) -> str:
    """The sum keeps E-ACSL from giving a value of the entry, a pointer, the type of its number."""
    return f"(uintptr_t)((char *)({p}) + 0)"


class Rewriter:
    def __init__(self, words: dict[str, Word]) -> None:
        self.words = words

    # ---- labels ----

    def clause(self, text: str, state: str = NOW) -> str:
        """`state`: in which a clause of behaviors is evaluated: OLD, on entry, when the call is over."""
        labels = {"Pre": OLD, "Old": OLD, "Post": NOW, "Here": NOW}
        return self.expand(text, labels, state)

    def expand(self, text: str, labels: dict[str, str], state: str) -> str:
        text = self.memory(text)
        out, at = "", 0
        for found in iter(lambda: re.compile(rf"\\?{NAME}").search(text, at), None):
            out += text[at:found.start()]
            at = found.end()
            name = found[0]
            if name in (r"\forall", r"\exists"):
                quantifier, at = self.quantified(text, found.start(), labels, state)
                out += quantifier
            elif name in (r"\old", r"\at"):
                open_ = text.index("(", at)
                end = closing(text, open_)
                inner = split(text[open_ + 1:end], ",")
                label = inner.pop().strip() if name == r"\at" else "Old"
                out += self.at(",".join(inner), labels, labels.get(label, OLD), state)
                at = end + 1
            elif name in self.words and self.is_inlined(name):
                out, at = self.inlined(text, name, at, out, labels, state)
            else:
                out += name
        return out + text[at:]

    def at(self, text: str, labels: dict[str, str], wanted: str, state: str) -> str:
        inner = self.expand(text, labels, wanted)
        if wanted == state or re.fullmatch(r"[\w\s]*sys_answer\w*[\w\s]*", inner):
            return f"({inner})"
        if state == OLD:
            raise Unreadable(f"what comes later, seen from before: {text}")
        return rf"\old({inner})"

    def is_inlined(self, name: str) -> bool:
        return bool(self.words[name].labels) or name in ("flat", "apart", "good_alignment")

    def inlined(self, text: str, name: str, at: int, out: str, labels: dict[str, str],
                state: str) -> tuple[str, int]:
        word = self.words[name]
        states = [state] * len(word.labels)
        if found := re.compile(r"\{([\w,\s]*)\}").match(text, at):
            states = [labels[label] for label in re.findall(NAME, found[1])]
            at = found.end()
        values: list[str] = []
        if word.parameters:
            open_ = re.compile(r"\s*\(").match(text, at)
            if not open_:  # a name of something else
                return out + name, at
            end = closing(text, open_.end() - 1)
            values = [self.expand(part.strip(), labels, state)
                      for part in split(text[open_.end():end], ",")]
            at = end + 1
        inner_state = states[0] if len(states) == 1 else state
        body = substituted(word.body, word.parameters, values)
        body = self.expand(body, dict(zip(word.labels, states)) | labels, inner_state)
        if inner_state == OLD and state == NOW:
            return out + rf"\old({body})", at
        return out + f"({body})", at

    # ---- memory ----

    def memory(self, text: str) -> str:
        """`\\valid`, `\\valid_read` and `\\separated`, which need a map of the memory, and the two words
        about each byte."""
        while found := re.search(r"\\(valid_read|valid|separated)\s*\(|\b(zeroed|flat)(\{\w+\})?\s*\(",
                                 text):
            end = closing(text, found.end() - 1)
            parts = [part.strip() for part in split(text[found.end():end], ",")]
            if found[2] == "zeroed":
                p, n = parts
                new = f"(memory_zero((void *)({p}), (size_t)({n})) != 0)"
            elif found[2] == "flat":
                p, n = parts
                new = f"((uintptr_t)(({p}) + ({n})) == {address(p)} + ({n}))"
            elif found[1] == "separated":
                (p, n), (q, m) = (self.extent(part) for part in parts)
                new = (f"(({n}) == 0 || ({m}) == 0 || {address(p)} + ({n}) <= {address(q)} || "
                       f"{address(q)} + ({m}) <= {address(p)})")
            else:
                p, n = self.extent(parts[0])
                new = f"(memory_valid((void *)({p}), (size_t)({n})) != 0)"
            text = text[:found.start()] + new + text[end + 1:]
        return text

    @staticmethod
    def extent(text: str) -> tuple[str, str]:
        """Where it begins, and its bytes."""
        if found := re.fullmatch(r"(.*) \+ \(0 \.\. (.*) - 1\)", text):
            return found[1], found[2]
        return text, f"sizeof(*({text}))"

    # ---- quantifiers ----

    def quantified(self, text: str, start: int, labels: dict[str, str],
                   state: str) -> tuple[str, int]:
        end = len(text)
        depth = 0
        for at in range(start, len(text)):
            depth += (text[at] in "([{") - (text[at] in ")]}")
            if depth < 0:
                end = at
                break
        body = text[start:end]
        found = re.fullmatch(r"\\forall integer (\w+); (\w+) <= \1 < (.*?) ==> (.*)", body)
        if found:
            i, low, high, said = found.groups()
            if zero := re.fullmatch(rf"(.*)\[{i}\] == 0", said):
                return self.expand(f"zeroed({zero[1]}, {high})", labels, state), end
            compares = r"\at(" in said or r"\old(" in said
            if high.isdigit() and compares:
                parts = [substituted(said, (i,), [str(k)]) for k in range(int(high))]
                return " && ".join(f"({self.expand(part, labels, state)})" for part in parts), end
            if low == "0" and not high.isdigit() and "in_region" not in said:
                return self.some(i, high, said, labels, state, compares), end
        if found := re.fullmatch(r"(\\exists integer (\w+); \w+ <= \2 < .*?) && (.*)", body):
            # Not denied twice, a comparison here is taken for a bound of the variable, and lost.
            return f"{found[1]} && !(!({self.expand(found[3], labels, state)}))", end
        head = re.match(r"\\(?:forall|exists) [^;]*;", body)
        assert head
        return head[0] + self.expand(body[head.end():], labels, state), end

    def some(self, i: str, high: str, said: str, labels: dict[str, str], state: str,
             compares: bool) -> str:
        """The first ones, the last and a chosen one."""
        high = self.expand(high, labels, state)
        last = f"({high} <= 0 || {high} > 200 ? 0 : {high} - 1)"
        indices = [last, "chosen_region"]
        parts = []
        if compares:
            indices = [*map(str, range(SOME)), *indices]
        else:
            first = self.expand(said, labels, state)
            parts = [rf"(\forall integer {i}; 0 <= {i} < ({high} < {SOME} ? {high} : {SOME}) ==> {first})"]
        for index in indices:
            body = self.expand(substituted(said, (i,), [index]), labels, state)
            parts.append(f"({index} < {high} ==> {body})")
        return f"({' && '.join(parts)})"

    # ---- what the system answered ----

    def assumption(self, text: str) -> str:
        """An assumption, as what was so on entry when the call has ended. The answer of the system is
        known then."""
        parts = []
        for part in [text] if text.startswith("\\") else split(text, " && "):
            part = part.strip()
            word = re.fullmatch(r"(!?)answered\((.*)\)", part)
            if word:
                a, size = (x.strip() for x in split(word[2], ","))
                wanted = rf"\old(wanted({a}, {size}, room({a})))"
                part = f"{word[1]}good_answer(sys_answer, sys_answer_size, {size}, {wanted})"
                parts.append(self.clause(part))
            elif "sys_next" in part:
                parts.append(part.replace("sys_next", "sys_answer"))
            else:
                parts.append(rf"\old({self.clause(part, OLD)})")
        return " && ".join(f"({part})" for part in parts)

    def ensured(self, text: str) -> str:
        text = re.sub(r"\\old\((sys_next(?:_size)?)\)", lambda f: f[1].replace("next", "answer"), text)
        return self.clause(text)
