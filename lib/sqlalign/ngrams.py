"""Template → n-grams: the runs of tokens that two sets of SQL are compared by.

An n-gram is 1 … max_n neighbouring tokens of a template, joined by blanks, that holds at least one keyword, neither
starts nor ends with a comma and whose parentheses are properly nested. Every word is a keyword (functions and NULL
too); symbols are not, and `[ ]` are symbols, not parentheses.

>>> ngrams("SELECT , FROM", max_n=3)
['SELECT', 'SELECT , FROM', 'FROM']
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate

from sqlalign.errors import UsageError

MAX_N = 15
DEPTH = {"(": 1, ")": -1}


def check_max_n(max_n: int) -> int:
    """The length itself. Raises UsageError where it is below 1."""
    if max_n < 1:
        raise UsageError(f"The longest n-gram has '{max_n}' tokens. Set --max-n to 1 or more.")
    return max_n


def is_keyword(token: str) -> bool:
    """Whether a template's token is a word (it starts with a letter or an underscore) and not a symbol."""
    return token[0].isalpha() or token[0] == "_"


def ngrams(template: str, max_n: int = MAX_N) -> list[str]:
    """All n-grams of a template, each occurrence, by start and then by length.

    Raises UsageError where max_n is below 1.
    """
    check_max_n(max_n)
    tokens = template.split()
    text = " ".join(tokens)
    ends = list(accumulate((len(token) + 1 for token in tokens), initial=-1))
    depths = [DEPTH.get(token, 0) for token in tokens]
    commas = [token == "," for token in tokens]
    keywords = [is_keyword(token) for token in tokens]
    found = []
    for start in range(len(tokens)):
        if commas[start]:
            continue
        depth, has_keyword = 0, False
        for stop in range(start, min(start + max_n, len(tokens))):
            depth += depths[stop]
            if depth < 0:
                break
            has_keyword = has_keyword or keywords[stop]
            if depth == 0 and has_keyword and not commas[stop]:
                found.append(text[ends[start] + 1 : ends[stop + 1]])
    return found


def count_ngrams(templates: Iterable[tuple[str, int]], max_n: int = MAX_N) -> dict[str, int]:
    """n-gram → its occurrences, each template's times the template's weight.

    `templates` are pairs of template and weight (executions or shapes); a template may come more than once, and one of
    weight 0 adds nothing. Raises UsageError where max_n is below 1, ValueError for a negative weight.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    for template, weight in templates:
        if weight < 0:
            raise ValueError(f"The weight '{weight}' of a template is negative.")
        for ngram in ngrams(template, max_n) if weight else ():
            counts[ngram] += weight
    return dict(counts)
