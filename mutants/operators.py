"""The mutation operators: what can be wrong with one place of the code."""
from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from clang import cindex  # type: ignore[import]

from source import Cursor, Span, Unit, is_call_macro, plain

K = cindex.CursorKind
T = cindex.TypeKind

_RELATIONAL = ("<", "<=", ">", ">=", "==", "!=")
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/"}
_BITWISE = ("&", "|", "^")
_SHIFTS = {"<<": ">>", ">>": "<<"}
_BLOCKS = (K.COMPOUND_STMT, K.IF_STMT, K.WHILE_STMT, K.FOR_STMT, K.SWITCH_STMT)
_SHADOW_STORES = ("PERSIST_HANDED_OUT", "PERSIST_UNUSED")
_SHADOW = "shadow memory"  # stands for all of it
_SWAPPABLE = (K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR, K.UNARY_OPERATOR, K.CALL_EXPR)
_FIELDS_TRIED = 1  # of the other fields of a field's type, the next ones in the struct

NAMES = (
    "relational",
    "arithmetic",
    "logical",
    "bitwise",
    "constant",
    "deletion",
    "negation",
    "variable",
    "order",
    "return",
)


@dataclasses.dataclass(frozen=True)
class Change:
    """A mutation without a name: bytes [start, end) of the file become `text`."""

    operator: str
    start: int
    end: int
    text: str
    context: str  # the statement or condition it stands in, which tells it from its likes


def _unwrap(cursor: Cursor) -> Cursor:
    while cursor.kind == K.UNEXPOSED_EXPR:
        inner = list(cursor.get_children())
        if len(inner) != 1:
            break
        cursor = inner[0]
    return cursor


def _steps(cursor: Cursor) -> bool:
    """Is it ++ or --?"""
    text = [t.spelling for t in cursor.get_tokens()] if cursor.kind == K.UNARY_OPERATOR else []
    return bool(text) and (text[0] in ("++", "--") or text[-1] in ("++", "--"))


def _assigns(cursor: Cursor) -> bool:
    if cursor.kind != K.BINARY_OPERATOR:
        return False
    left, right = cursor.get_children()
    between = [
        t.spelling
        for t in cursor.get_tokens()
        if left.extent.end.offset <= t.extent.start.offset < right.extent.start.offset
    ]
    return "=" in between


def _place(cursor: Cursor) -> str | None:
    """The variable or field that an lvalue names; None if it is reached in another way."""
    cursor = _unwrap(cursor)
    while cursor.kind == K.ARRAY_SUBSCRIPT_EXPR:
        cursor = _unwrap(next(cursor.get_children()))
        if cursor.type.get_canonical().kind != T.CONSTANTARRAY:
            return None
    if cursor.kind not in (K.MEMBER_REF_EXPR, K.DECL_REF_EXPR):
        return None
    return str(cursor.referenced.get_usr())


def _type_name(cursor: Cursor) -> str:
    name = str(cursor.type.get_canonical().spelling)
    return re.sub(r"^(const |volatile )+", "", name)


def _is_pointer(cursor: Cursor) -> bool:
    return cursor.type.get_canonical().kind in (T.POINTER, T.CONSTANTARRAY, T.INCOMPLETEARRAY)


class Walk:
    """All changes of one definition."""

    def __init__(self, unit: Unit, file: str, root: Cursor) -> None:
        self._unit = unit
        self._file = file
        self._bytes = unit.text[file]
        self._root = root
        self._scope: list[Cursor] = []
        self._context = ""
        self._taken: set[Span] = set()  # literals, so that a macro's body is one place
        self._found: list[Change] = []

    def changes(self) -> list[Change]:
        if self._root.kind == K.MACRO_DEFINITION:
            self._macro(self._root)
        elif self._root.kind == K.VAR_DECL:
            self._context = str(self._root.spelling)
            self._expression(self._root)
        else:
            self._function(self._root)
        return self._found

    # ---- places ----

    def _text(self, cursor: Cursor) -> str:
        span = self._unit.span(cursor)
        return "" if span is None else self._slice(span)

    def _slice(self, span: Span) -> str:
        return self._bytes[span[0] : span[1]].decode()

    def _add(self, operator: str, span: Span, text: str) -> None:
        if self._slice(span) != text:
            self._found.append(Change(operator, span[0], span[1], text, self._context))

    def _statement_span(self, cursor: Cursor) -> Span | None:
        """With its semicolon, and with the loop annotations that stand before it."""
        span = self._unit.span(cursor)
        if span is None:
            return None
        start, end = span
        semicolon = re.match(rb"(?:\s|/\*(?:(?!\*/).)*\*/)*;", self._bytes[end:], re.S)
        if semicolon and cursor.kind not in _BLOCKS and self._bytes[start:end][-1:] != b";":
            end += semicolon.end()
        before = self._bytes[:start]
        annotation = re.search(rb"/\*@\s*loop(?:(?!\*/).)*\*/\s*$", before, re.S)
        line = re.search(rb"(?:^[ \t]*//@ loop[^\n]*\n)+[ \t]*$", before, re.M)
        if annotation:
            start = annotation.start()
        elif line:
            start = line.start()
        return start, end

    # ---- statements ----

    def _function(self, function: Cursor) -> None:
        children = list(function.get_children())
        self._scope = [c for c in children if c.kind == K.PARM_DECL]
        self._globals()
        for child in children:
            if child.kind == K.COMPOUND_STMT:
                self._block(child, outermost=True)

    def _globals(self) -> None:
        for file, cursor in self._unit.definitions():
            if file == self._file and cursor.kind == K.VAR_DECL:
                self._scope.append(cursor)

    def _block(self, block: Cursor, outermost: bool = False) -> None:
        statements = list(block.get_children())
        depth = len(self._scope)
        for i, statement in enumerate(statements):
            last = outermost and i == len(statements) - 1
            self._context = self._head(statement)
            self._early_return(statement)
            if not (last and statement.kind == K.RETURN_STMT):
                self._delete(statement)
            if i > 0:
                self._swap(statements[i - 1], statement)
            self._statement(statement)
        del self._scope[depth:]

    def _head(self, statement: Cursor) -> str:
        """The statement's own text, without the blocks inside."""
        return plain(self._text(statement)).split("{")[0]

    def _statement(self, statement: Cursor) -> None:
        kind = statement.kind
        self._context = self._head(statement)
        children = list(statement.get_children())
        if kind == K.COMPOUND_STMT:
            self._block(statement)
        elif kind == K.DECL_STMT:
            for variable in children:
                self._declaration(variable)
        elif kind == K.IF_STMT:
            self._condition(children[0], skippable=True)
            for branch in children[1:]:
                self._statement(branch)
        elif kind == K.WHILE_STMT:
            self._condition(children[0])
            self._statement(children[1])
        elif kind == K.DO_STMT:
            self._statement(children[0])
            self._context = "while " + plain(self._text(children[1]))
            self._condition(children[1])
        elif kind == K.FOR_STMT:
            self._for(children)
        elif kind == K.SWITCH_STMT:
            self._expression(children[0])
            self._statement(children[1])
        elif kind in (K.CASE_STMT, K.DEFAULT_STMT):
            self._delete(children[-1])
            self._statement(children[-1])
        elif kind == K.RETURN_STMT:
            self._return(statement, children)
        else:
            self._expression(statement)

    def _for(self, children: list[Cursor]) -> None:
        depth = len(self._scope)
        for child in children[:-1]:
            if child.kind == K.DECL_STMT:
                self._statement(child)
            elif child.kind == K.BINARY_OPERATOR and _type_name(child) in ("int", "_Bool"):
                self._condition(child)
            else:
                self._expression(child)
        self._statement(children[-1])
        del self._scope[depth:]

    def _declaration(self, variable: Cursor) -> None:
        if variable.kind != K.VAR_DECL:
            return
        for value in variable.get_children():
            if value.kind in (K.TYPE_REF, K.STRUCT_DECL):
                continue
            span = self._unit.span(value)
            scalar = variable.type.get_canonical().kind not in (T.RECORD, T.CONSTANTARRAY)
            if span is not None and scalar and self._slice(span) not in ("0", "NULL"):
                self._add("deletion", span, "0")
            self._expression(value)
        self._scope.append(variable)

    def _delete(self, statement: Cursor) -> None:
        if statement.kind in (K.DECL_STMT, K.COMPOUND_STMT, K.NULL_STMT, K.CASE_STMT, K.DEFAULT_STMT):
            return
        span = self._statement_span(statement)
        if span is not None:
            self._add("deletion", span, ";")

    def _early_return(self, statement: Cursor) -> None:
        if statement.kind in (K.RETURN_STMT, K.CASE_STMT, K.DEFAULT_STMT):
            return
        span = self._statement_span(statement)
        if span is None:
            return
        value = "" if self._root.result_type.kind == T.VOID else " 0"
        self._add("return", (span[0], span[0]), f"return{value}; ")

    def _return(self, statement: Cursor, children: list[Cursor]) -> None:
        if not children:
            return
        value = children[0]
        span = self._unit.span(value)
        if span is not None and _unwrap(value).kind not in (K.INTEGER_LITERAL, K.STRING_LITERAL):
            self._add("return", span, "0")
            if _type_name(value) in ("int", "_Bool"):
                self._add("return", span, "1")
        self._expression(value)

    def _swap(self, first: Cursor, second: Cursor) -> None:
        if first.kind not in _SWAPPABLE or second.kind not in _SWAPPABLE:
            return
        one, two = self._statement_span(first), self._statement_span(second)
        if one is None or two is None:
            return
        if self._independent(first, second):
            return
        between = self._slice((one[1], two[0]))
        self._add("order", (one[0], two[1]), self._slice(two) + between + self._slice(one))

    def _independent(self, first: Cursor, second: Cursor) -> bool:
        """Two statements whose order no one can see who runs in the same thread: what each stores,
        in functions that it calls too, the other does not name."""
        one, two = self._stored(first, ()), self._stored(second, ())
        if one is None or two is None:
            return False
        return not one & self._named(second, ()) and not two & self._named(first, ())

    def _body(self, call: Cursor) -> Cursor | None:
        """Of the function that is called, if we have it."""
        definition = call.referenced and call.referenced.get_definition()
        if definition is None or self._unit.file_of(definition) is None:
            return None
        return next((c for c in definition.get_children() if c.kind == K.COMPOUND_STMT), None)

    def _named(self, node: Cursor, within: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for cursor in node.walk_preorder():
            if cursor.kind == K.CALL_EXPR:
                if cursor.spelling in _SHADOW_STORES:
                    found.add(_SHADOW)
                body = self._body(cursor)
                if body is not None and cursor.spelling not in within:
                    found |= self._named(body, (*within, str(cursor.spelling)))
            elif cursor.referenced:
                found.add(str(cursor.referenced.get_usr()))
        return found

    def _stored(self, node: Cursor, within: tuple[str, ...]) -> set[str] | None:
        """The variables and fields that are written; None if more may happen."""
        found: set[str] = set()
        for cursor in node.walk_preorder():
            place: Cursor | None = None
            if cursor.kind == K.CALL_EXPR and cursor.spelling in _SHADOW_STORES:
                found.add(_SHADOW)
            elif cursor.kind == K.CALL_EXPR and cursor.spelling == "PERSIST_STORE":
                place = next(cursor.get_arguments())
            elif cursor.kind == K.CALL_EXPR:
                body = self._body(cursor)
                if body is None or cursor.spelling in within:
                    return None
                inner = self._stored(body, (*within, str(cursor.spelling)))
                if inner is None:
                    return None
                found |= inner
            elif cursor.kind == K.COMPOUND_ASSIGNMENT_OPERATOR or _steps(cursor) or _assigns(cursor):
                place = next(cursor.get_children())
            if place is not None:
                usr = _place(place)
                if usr is None:
                    return None
                found.add(usr)
        return found

    # ---- expressions ----

    def _condition(self, condition: Cursor, skippable: bool = False) -> None:
        span = self._unit.span(condition)
        if span is not None:
            self._add("negation", span, f"!({self._slice(span)})")
            if skippable:
                self._add("negation", span, "1")
        self._expression(condition)

    def _expression(self, cursor: Cursor) -> None:
        kind = cursor.kind
        if kind == K.BINARY_OPERATOR:
            self._binary(cursor)
        elif kind == K.COMPOUND_ASSIGNMENT_OPERATOR:
            self._compound_assignment(cursor)
        elif kind == K.UNARY_OPERATOR:
            self._unary(cursor)
        elif kind == K.CONDITIONAL_OPERATOR:
            self._conditional(cursor)
        elif kind in (K.INTEGER_LITERAL, K.CHARACTER_LITERAL, K.STRING_LITERAL):
            self._literal(cursor)
        elif kind == K.DECL_REF_EXPR:
            self._reference(cursor)
        elif kind == K.MEMBER_REF_EXPR:
            self._member(cursor)
        elif kind == K.CALL_EXPR:
            self._call(cursor)
        elif kind == K.PAREN_EXPR and self._through_macro(cursor):
            return
        if kind in (K.CXX_UNARY_EXPR, K.StmtExpr):  # sizeof; a system macro's inside
            return
        for child in cursor.get_children():
            self._expression(child)

    def _through_macro(self, cursor: Cursor) -> bool:
        """A parenthesis that a constant's macro brought: the constant is one place."""
        span = self._unit.span(cursor)
        if span is None or not re.fullmatch(r"[A-Za-z_]\w*", self._slice(span)):
            return False
        if not _is_pointer(cursor):
            self._literal(cursor)
        return True

    def _operator_span(self, left: Cursor, right: Cursor) -> Span | None:
        one, two = self._unit.span(left), self._unit.span(right)
        if one is None or two is None or one[1] >= two[0]:
            return None
        between = self._slice((one[1], two[0]))
        token = re.search(r"[^\s()\w]+", between)
        if token is None:
            return None
        return one[1] + token.start(), one[1] + token.end()

    def _binary(self, cursor: Cursor) -> None:
        children = list(cursor.get_children())
        if len(children) != 2:
            return
        left, right = children
        span = self._operator_span(left, right)
        whole = self._unit.span(cursor)
        if span is None or whole is None:
            return
        sign = self._slice(span)
        if sign in _RELATIONAL:
            if not (_is_pointer(left) and _unwrap(right).kind != K.DECL_REF_EXPR and sign in ("==", "!=")):
                for other in _RELATIONAL:
                    self._add("relational", span, other)
            else:
                self._add("relational", span, "!=" if sign == "==" else "==")
        elif sign in _ARITHMETIC:
            self._add("arithmetic", span, _ARITHMETIC[sign])
            self._add("arithmetic", whole, self._text(left))
        elif sign in _BITWISE:
            for other in _BITWISE:
                self._add("bitwise", span, other)
        elif sign in _SHIFTS:
            self._add("bitwise", span, _SHIFTS[sign])
        elif sign in ("&&", "||"):
            self._add("logical", span, "||" if sign == "&&" else "&&")
            for side in (left, right):
                text = self._text(side)
                self._add("logical", whole, text)
                side_span = self._unit.span(side)
                if side_span is not None:
                    self._add("negation", side_span, f"!({text})")

    def _compound_assignment(self, cursor: Cursor) -> None:
        left, right = list(cursor.get_children())
        span = self._operator_span(left, right)
        if span is None:
            return
        sign = self._slice(span)[:-1]
        if sign in _ARITHMETIC:
            for other in (_ARITHMETIC[sign], ""):
                self._add("arithmetic", span, other + "=")
        if sign in _BITWISE:
            for other in (*_BITWISE, ""):
                self._add("bitwise", span, other + "=")
        if sign in _SHIFTS:
            self._add("bitwise", span, _SHIFTS[sign] + "=")

    def _unary(self, cursor: Cursor) -> None:
        span = self._unit.span(cursor)
        operand = next(iter(cursor.get_children()), None)
        if span is None or operand is None:
            return
        text, inner = self._slice(span), self._text(operand)
        if text.startswith("!"):
            self._add("logical", span, inner)
        elif text.startswith("~"):
            self._add("bitwise", span, inner)
        elif text.startswith("++"):
            self._add("arithmetic", span, "--" + inner)
        elif text.startswith("--"):
            self._add("arithmetic", span, "++" + inner)
        elif text.endswith("++"):
            self._add("arithmetic", span, inner + "--")
        elif text.endswith("--"):
            self._add("arithmetic", span, inner + "++")
        elif text.startswith("-"):
            self._add("arithmetic", span, inner)

    def _conditional(self, cursor: Cursor) -> None:
        condition, yes, no = list(cursor.get_children())
        span, at = self._unit.span(cursor), self._unit.span(condition)
        if span is None or at is None:
            return
        self._add("negation", at, f"!({self._slice(at)})")
        self._add("negation", span, self._text(yes))
        self._add("negation", span, self._text(no))

    def _literal(self, cursor: Cursor) -> None:
        span = self._unit.span(cursor)
        if span is None or span in self._taken:
            return
        self._taken.add(span)
        text = self._slice(span)
        if text.startswith("__ATOMIC_"):
            self._add("order", span, "__ATOMIC_RELAXED")
        elif cursor.kind == K.STRING_LITERAL:
            self._add("constant", span, '""')
        else:
            self._number(span)

    def _number(self, span: Span) -> None:
        text = self._slice(span)
        self._add("constant", span, f"({text} + 1)")
        self._add("constant", span, f"({text} - 1)")
        if text.rstrip("uUlL") != "0":
            self._add("constant", span, f"(2 * {text})")

    def _reference(self, cursor: Cursor) -> None:
        target = cursor.referenced
        span = self._unit.span(cursor)
        if target is None or span is None or span in self._taken:
            return
        if target.kind == K.ENUM_CONSTANT_DECL:
            for other in target.semantic_parent.get_children():
                if other.kind == K.ENUM_CONSTANT_DECL:
                    self._add("variable", span, str(other.spelling))
        elif target.kind in (K.VAR_DECL, K.PARM_DECL):
            for variable in self._scope:
                if variable != target and _type_name(variable) == _type_name(target):
                    self._add("variable", span, str(variable.spelling))

    def _member(self, cursor: Cursor) -> None:
        field = cursor.referenced
        span = self._unit.span(cursor)
        if field is None or span is None:
            return
        name = str(field.spelling)
        at = (span[1] - len(name.encode()), span[1])
        if self._slice(at) != name:
            return
        fields = [
            f
            for f in field.semantic_parent.get_children()
            if f.kind == K.FIELD_DECL and _type_name(f) == _type_name(field)
        ]
        here = fields.index(field)
        for other in (fields[here + 1 :] + fields[:here])[:_FIELDS_TRIED]:
            self._add("variable", at, str(other.spelling))

    def _call(self, cursor: Cursor) -> None:
        arguments = list(cursor.get_arguments())
        spans = [self._unit.span(a) for a in arguments]
        for i in range(1, len(arguments)):
            one, two = spans[i - 1], spans[i]
            if one is None or two is None or one[1] > two[0]:
                continue
            if _type_name(arguments[i - 1]) == _type_name(arguments[i]):
                between = self._slice((one[1], two[0]))
                self._add("variable", (one[0], two[1]), self._slice(two) + between + self._slice(one))

    # ---- macros ----

    def _macro(self, cursor: Cursor) -> None:
        if is_call_macro(cursor):
            return
        self._context = str(cursor.spelling)
        for token in cursor.get_tokens():
            text = str(token.spelling)
            if token.kind == cindex.TokenKind.LITERAL and text[0].isdigit():
                self._number((token.extent.start.offset, token.extent.end.offset))


def changes(unit: Unit) -> Iterator[tuple[str, str, Change]]:
    """(file, function or variable or macro, change) of everything the unit defines."""
    for file, cursor in unit.definitions():
        for change in Walk(unit, file, cursor).changes():
            yield file, str(cursor.spelling), change
