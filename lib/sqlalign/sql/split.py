"""One text into its statements: at semicolons, and in T-SQL, which needs none, where a new statement begins.

SQL*Plus ends a block with a slash on a line of its own.
"""

from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

T_SQL = ("tsql", "fabric")
SLASH_ENDS = ("oracle", "exasol")

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACE}

# Words that always begin a statement where they stand outside parentheses and CASE.
_ALWAYS = frozenset(
    "DECLARE PRINT USE TRUNCATE WHILE RAISERROR THROW WAITFOR DEALLOCATE GRANT REVOKE DENY CREATE".split()
)
# Words that begin one unless they belong to the statement they stand in: the words before which allow that.
_UNLESS_AFTER = {
    "SELECT": frozenset("UNION ALL EXCEPT INTERSECT AS FOR THEN EXPLAIN".split()),
    "INSERT": frozenset("THEN FOR AFTER OF , ON".split()),
    "UPDATE": frozenset("THEN FOR AFTER OF , ON".split()),
    "DELETE": frozenset("THEN FOR AFTER OF , ON".split()),
    "DROP": frozenset("TABLE ,".split()),
    "ALTER": frozenset({","}),
    "EXEC": frozenset("AS WITH".split()),
    "EXECUTE": frozenset("AS WITH".split()),
    "IF": frozenset("TABLE VIEW PROCEDURE INDEX FUNCTION DATABASE SCHEMA TYPE TRIGGER COLUMN".split()),
    "ELSE": frozenset(),
    "BEGIN": frozenset({"AS"}),
    "END": frozenset(),
    "RETURN": frozenset(),
    "OPEN": frozenset(),
    "CLOSE": frozenset(),
    "MERGE": frozenset("INNER LEFT RIGHT FULL OUTER ( ,".split()),
}
_VERBS = frozenset("SELECT INSERT UPDATE DELETE MERGE VALUES EXEC EXECUTE".split())
_CONTROL = frozenset("IF ELSE WHILE BEGIN END PRINT RETURN GO OPEN CLOSE".split())


def split(tokens: Sequence[Token], dialect: str) -> list[list[Token]]:
    """The tokens of each statement, in order; empty statements are left out."""
    pieces: list[list[Token]] = [[]]
    for i, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON or (
            dialect in SLASH_ENDS and token.text == "/" and _alone(tokens, i)
        ):
            pieces.append([])
        else:
            pieces[-1].append(token)
    if dialect in T_SQL:
        pieces = [part for piece in pieces for part in _at_beginnings(piece)]
    return [piece for piece in pieces if piece]


def _at_beginnings(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = cases = 0
    for i, token in enumerate(tokens):
        word = _word(token)
        if depth == 0 and cases == 0 and parts[-1] and _begins(tokens, i, parts[-1]):
            parts.append([])
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        depth = max(depth, 0)
        if word == "CASE":
            cases += 1
        elif word == "END" and cases:
            cases -= 1
        parts[-1].append(token)
    return parts


def _word(token: Token) -> str:
    """A bare word in upper case; what is quoted is no word."""
    quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NATIONAL_STRING)
    return "" if quoted else token.text.upper()


def _begins(tokens: list[Token], i: int, current: list[Token]) -> bool:
    """Whether a statement begins at token i, given the tokens of the one before it."""
    word, before, first = _word(tokens[i]), _word(tokens[i - 1]), _word(current[0])
    if before == ".":
        return False
    if first == "GO":
        is_count = len(current) == 1 and tokens[i].token_type == TokenType.NUMBER and tokens[i].line == current[0].line
        return not is_count
    if word == "GO":
        return _alone(tokens, i)
    if word == "WITH":
        return (
            _names_a_query(tokens, i)
            and first not in ("INSERT", "CREATE", "MERGE", "ALTER")
            and before not in ("AS", "FOR")
        )
    if first in ("GRANT", "DENY", "REVOKE") and word in ("SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "ALTER"):
        return False
    if word == "SET":
        return first not in ("UPDATE", "MERGE", "ALTER") and before not in ("UPDATE",)
    if word in _UNLESS_AFTER and before in _UNLESS_AFTER[word]:
        return False
    if first in ("INSERT", "WITH") and word in _VERBS and _continues(word, first, _verbs(current)):
        return False
    if word in ("INSERT", "UPDATE", "DELETE") and (first in ("CREATE", "ALTER") or _followed(tokens, i, "(")):
        return word == "INSERT" and first == "CREATE" and before == ")"
    if word in _ALWAYS:
        return not (word == "USE" and first not in _CONTROL and before in ("OPTION",))
    return word in _UNLESS_AFTER


def _alone(tokens: Sequence[Token], i: int) -> bool:
    """Whether GO, or SQL*Plus's slash, stands on a line of its own (a count may follow)."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    return (i == 0 or tokens[i].line > tokens[i - 1].line) and (
        after is None or after.line > tokens[i].line or after.text.isdigit()
    )


def _names_a_query(tokens: list[Token], i: int) -> bool:
    """Whether WITH at i is followed by `name AS (` or `name (columns) AS (`, not by a table hint or options."""
    words = [_word(t) for t in tokens[i + 1 : i + 4]]
    return len(words) == 3 and words[0] != "(" and words[1] in ("AS", "(")


def _continues(word: str, first: str, verbs: list[str]) -> bool:
    """Whether a verb belongs to the statement so far: the query of an INSERT, or what stands below a WITH."""
    if verbs[-1:] == ["INSERT"]:
        return word in ("SELECT", "EXEC", "EXECUTE")
    return first == "WITH" and not verbs and word not in ("EXEC", "EXECUTE", "VALUES")


def _verbs(current: list[Token]) -> list[str]:
    """The verbs that stand at the outermost level of a statement so far."""
    verbs: list[str] = []
    depth = 0
    for token in current:
        if depth == 0 and _word(token) in _VERBS:
            verbs.append(_word(token))
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
    return verbs


def _followed(tokens: list[Token], i: int, text: str) -> bool:
    return i + 1 < len(tokens) and tokens[i + 1].text == text
