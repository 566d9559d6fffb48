"""A model's answer → the one statement in it. Models wrap SQL in code fences and talk, and do not stop in time."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sqlglot.dialects.dialect import Dialect

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.template import template_statements

CODE_FENCE = "code_fence"
CHATTER = "chatter"
AFTER_STATEMENT = "after_statement"
CUTS = (CODE_FENCE, CHATTER, AFTER_STATEMENT)

_MAX_TRIES = 20
_BRACKETS = ("tsql", "fabric", "sqlite")
_DOLLARS = ("", "postgres", "redshift", "materialize", "risingwave", "snowflake", "duckdb")
_ENTITY = r"&(?:lt|gt|amp|quot|apos|nbsp|#\d+);"

# What an answer can begin with: after blanks, comments and parentheses, a word that begins a statement.
_BEGINS = re.compile(
    r"(?:\s|;|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/|\()*+"
    r"(?:SELECT|WITH|VALUES|INSERT|UPDATE|DELETE|MERGE|REPLACE|CREATE|ALTER|DROP|EXPLAIN|DESCRIBE|SHOW|PRAGMA|DECLARE|SET|USE)\b",
    re.IGNORECASE,
)
_STARTS_QUERY = re.compile(r"(?i)\b(?:SELECT|WITH|VALUES)\b")
_FENCED = re.compile(
    r"```(?:[ \t]*[\w+-]*[ \t]*\n|[ \t]*(?:sqlite|postgresql|postgres|mysql|bigquery|snowflake|tsql|sql)\b)?"
    r"(.*?)(?:```|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_THOUGHT = re.compile(r"(?is)<(think|thinking|reasoning)>.*?</\1>")
# Where an answer is over although no semicolon says so: the turn's end, the end of a LaTeX listing.
_END_MARK = re.compile(r"</s>|<\|[\w ]+\|>|\[/?INST\]|\\end\{|\[/SQL\]|</sql>", re.IGNORECASE)
_OPEN_MARK = re.compile(r"(?i)^\s*(?:<s>|\[/?INST\]|\[SQL\]|<sql>|<\|[\w ]+\|>|\\begin\{\w+\})\s*")
# A line that talks about the statement above it.
_TALK = re.compile(
    r"(?i)\n[ \t]*(?:\n\s{0,20}(?=[A-Z#*>-])|(?=#{1,6}[ \t]|\*\*"
    r"|(?:explanation|note|comment|output|result|answer|question)\b[^\n]{0,20}:"
    r"|(?:this|here|the|in this|it|i|we|you)[ ']+\w+))"
)


class CleanedPrediction(NamedTuple):
    """The statement, and what was cut away from around it: names of CUTS, each at most once, in that order."""

    sql: str
    cuts: tuple[str, ...]


def clean_prediction(text: str, dialect: str = "") -> CleanedPrediction:
    """The first complete statement of a model's answer, without code fence, chatter around it, or text after it.

    Cut is what stands before the SQL (a sentence, a label, "thoughts"), the code fence around it, and what follows its
    end: a semicolon outside of strings and comments, a closing fence, a mark that ends the turn, or, where the text is
    no query as a whole, the line from which on it talks. Tabs are white space. An answer without any SQL stays as it
    is: it becomes a reject later. The dialect (an unknown one counts as generic) says how strings are written.

    Example: "Here it is:\\n```sql\\nSELECT 1; -- one\\n```" →
    ("SELECT 1", ("code_fence", "chatter", "after_statement")).
    """
    known = dialect if is_known_dialect(dialect) else ""
    body, cuts = _without_wrapping(text, known)
    if not _BEGINS.match(body):
        return CleanedPrediction(text, ())
    statement, after = _first_statement(body, known)
    statement, talk = _without_talk(statement, known)
    cuts |= after | talk
    return CleanedPrediction(statement if cuts else text, tuple(cut for cut in CUTS if cut in cuts))


def _without_wrapping(text: str, dialect: str) -> tuple[str, set[str]]:
    """The text from its SQL on, and what stood before it. The text itself where no SQL is found."""
    body = _OPEN_MARK.sub("", _THOUGHT.sub("", text))
    cuts = {CHATTER} if body != text else set()
    if _BEGINS.match(body):
        return body, cuts
    for fence in _FENCED.finditer(body):
        if _BEGINS.match(fence[1]):
            around = body[: fence.start()] + body[fence.end() :]
            return fence[1], cuts | {CODE_FENCE} | ({CHATTER} if around.strip() else set())
    for start in _query_starts(body):
        statement = _first_statement(body[start:], dialect)[0]
        if _is_query(_without_talk(statement, dialect)[0], dialect):
            return body[start:], cuts | {CHATTER}
    return body, cuts


def _query_starts(text: str) -> Iterator[int]:
    """Places where a query may begin amid prose, the likely ones (a line's or a sentence's begin, capitals) first."""
    words = [(match.start(), match[0]) for match in _STARTS_QUERY.finditer(text)]
    likely = [start for start, word in words if word.isupper() or re.search(r"(?:\n|[:.>`\]])\s*$", text[:start])]
    rest = [start for start, _ in words if start not in likely]
    yield from (likely + rest)[:_MAX_TRIES]


def _first_statement(body: str, dialect: str) -> tuple[str, set[str]]:
    """The text up to its end, and the cuts that made. A semicolon with nothing behind it is no cut."""
    begin = len(body) - len(body.lstrip(" \t\r\n;"))
    for token in _lexemes(dialect).finditer(body, begin):
        kind = token.lastgroup
        if kind == "semicolon" and body[token.end() :].strip(" \t\r\n;"):
            rest = body[token.end() :].strip(" \t\r\n;")
            return body[begin : token.start()].rstrip(), {CODE_FENCE} if rest == "```" else {AFTER_STATEMENT}
        if kind in ("fence", "mark"):
            rest = body[token.end() :].strip()
            cuts = {CODE_FENCE} if kind == "fence" else {AFTER_STATEMENT}
            return body[begin : token.start()].rstrip(" \t\r\n;"), cuts | ({AFTER_STATEMENT} if rest else set())
    return body[begin:], set()


def _without_talk(statement: str, dialect: str) -> tuple[str, set[str]]:
    """The statement up to the line from which on it talks, if only that makes it a query."""
    places = [place.start() for place in _TALK.finditer(statement)]
    if places and not _is_query(statement, dialect):
        for place in places[:_MAX_TRIES]:
            if _is_query(statement[:place], dialect):
                return statement[:place].rstrip(), {CHATTER}
    return statement, set()


def _is_query(sql: str, dialect: str) -> bool:
    """Whether the text is queries and nothing else: prose that the template overlooks is for us to cut and count."""
    statements = template_statements(sql, dialect)
    return all(statement.template and "trailing_prose" not in statement.repairs for statement in statements)


@cache
def _lexemes(dialect: str) -> re.Pattern[str]:
    """What a statement's end must not be looked for in (strings, quoted names, comments), and its possible ends.

    A quote that is never closed is an ordinary character, as in "the singer's name".
    """
    tokenizer = Dialect.get_or_raise(dialect).tokenizer_class
    backslash = "\\" in tokenizer.STRING_ESCAPES
    inside = r"(?:\\.|''|[^'\\])*+" if backslash else r"(?:''|[^'])*+"
    strings = [f"'{inside}'", f'"{inside}"'.replace("''", '""').replace("'", '"')]
    comments = [r"--[^\n]*", r"/\*.*?(?:\*/|\Z)", *([r"#[^\n]*"] if "#" in tokenizer.COMMENTS else [])]
    quoted = ["`[^`]+`"]
    if dialect in _BRACKETS:
        quoted.append(r"\[[^\]\n]*\]")
    if dialect in _DOLLARS:
        quoted.append(r"\$(?P<tag>\w*)\$.*?\$(?P=tag)\$")
    ends = ["(?P<fence>```)", f"(?P<mark>{_END_MARK.pattern})"]
    return re.compile("|".join([*ends, *strings, *quoted, *comments, _ENTITY, "(?P<semicolon>;)"]), re.S | re.I)
