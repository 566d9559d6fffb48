"""The closed vocabulary: everything a template can hold."""

from sqlalign.sql.renderings import TOKENS

VOCABULARY = TOKENS

# Words, as against symbols: an n-gram must hold one.
KEYWORDS = frozenset(token for token in VOCABULARY if token[0].isalpha() or token[0] == "_")
