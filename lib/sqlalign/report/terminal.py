"""What the command line prints: tables of rich, and a line of progress on stderr while something works."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sqlalign.alignment.advice import LOW_PARSE_RATE
from sqlalign.alignment.compare import Comparison
from sqlalign.profile import Accounting, Profile

WIDE = 160


def console(file: TextIO | None = None) -> Console:
    """A console on stdout (or the file): as wide as the terminal, wide where the output goes to a file or pipe."""
    stream = file or sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, soft_wrap=False)


def show(table: Table) -> None:
    """The table on stdout, without the blanks that rich pads its lines with."""
    shown = console()
    with shown.capture() as captured:
        shown.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """Gives a function that shows the stage at work, on stderr; silent where stderr is no terminal."""
    shown = Console(stderr=True)
    if not shown.is_terminal:
        yield lambda stage: None
        return
    with shown.status("") as status:
        yield lambda stage: status.update(f"{escape(stage)} …")


def percent(share: float) -> str:
    """A share in per cent, never rounded up to what it does not reach."""
    return f"{int(share * 1000) / 10:.1f} %"


def by_size(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Largest first, then by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def new_table(title: str, columns: Sequence[tuple[str, str]]) -> Table:
    """An empty table; columns are (header, justification)."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for header, side in columns:
        table.add_column(header, justify="right" if side == "right" else "left", no_wrap=side == "right")
    return table


def accounting_table(profile: Profile) -> Table:
    """Where every row and statement of a profile went."""
    title = f"Profile '{profile.name}' ({profile.kind}, {profile.rules})"
    table = new_table(title, [("", "left"), ("rows", "right"), ("", "left")])
    for label, number, note in _accounting_lines(profile.accounting):
        table.add_row(escape(label), f"{number:,}", escape(note))
    table.add_section()
    table.add_row("distinct keys", f"{profile.keys:,}", "texts without comments, literals, case and white space")
    table.add_row("distinct templates", f"{profile.templates.num_rows:,}")
    return table


def _accounting_lines(accounting: Accounting) -> Iterator[tuple[str, int, str]]:
    """Label, number and note of each line, following the two equations."""
    yield "rows read", accounting.rows_read, ""
    yield from ((f"  excluded: {name}", n, "") for name, n in by_size(accounting.excluded))
    yield "  empty", accounting.empty, ""
    yield "  parsed", accounting.parsed, ""
    yield "  unparsable", accounting.unparsable, ""
    yield "statements found", accounting.statements_found, ""
    yield "  templated", accounting.templated, f"parse rate {percent(accounting.parse_rate)}"
    yield "  other kinds", sum(accounting.other_kinds.values()), _listed(accounting.other_kinds)
    yield from ((f"  rejected: {reason}", n, "") for reason, n in by_size(accounting.rejected))
    yield from ((f"repaired: {name}", n, "") for name, n in by_size(accounting.repairs))
    yield from ((f"unknown construct: {name}", n, "") for name, n in by_size(accounting.unknown))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in by_size(counts))


def accounting_warnings(profile: Profile) -> Iterator[str]:
    """A warning where the parse rate is low, with the commonest reasons."""
    if profile.parse_rate < LOW_PARSE_RATE:
        reasons = _listed(dict(by_size(profile.accounting.rejected)[:3]))
        yield (
            f"Only {percent(profile.parse_rate)} of the queries of '{profile.name}' could be parsed (rejected: "
            f"{reasons}). Is --dialect right? What is rejected is missing from every comparison."
        )


PROFILE_COLUMNS = (
    ("name", "left"),
    ("kind", "left"),
    ("rules", "left"),
    ("place", "left"),
    ("statements", "right"),
    ("templates", "right"),
    ("dialects", "left"),
    ("parse rate", "right"),
)


def profiles_table(headers: Iterable[Mapping[str, Any]]) -> Table:
    """The profiles that can be named: the store's first, then the box's."""
    table = new_table("Profiles", PROFILE_COLUMNS)
    for header in headers:
        accounting = Accounting.from_dict(header["accounting"])
        dialects = ", ".join(dialect or "generic" for dialect in header["dialects"])
        texts = (header["name"], header["kind"], header["rules"], header["place"])
        numbers = (f"{accounting.statements_found:,}", f"{header['templates']:,}")
        table.add_row(*map(escape, texts), *numbers, escape(dialects), percent(accounting.parse_rate))
    return table


def alignment_table(rows: Sequence[Comparison], profiles: Mapping[str, Profile]) -> Table:
    """The ranking: numbers beside the statements and parse rates they rest on. `profiles` are theirs, by name."""
    first = rows[0]
    title = f"Alignment of training sets with {_names({row.target for row in rows})} ({first.rules} templates, "
    title += f"n-grams to {first.max_n}, weighting {first.weighting}, delta {first.delta:g})"
    ratios = any(row.baseline is not None for row in rows)
    table = new_table(title, _alignment_columns(ratios))
    for row in rows:
        table.add_row(*_alignment_cells(row, profiles, ratios))
    return table


def _names(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _alignment_columns(ratios: bool) -> list[tuple[str, str]]:
    numbers = ["alignment", "coverage", "overlap"]
    ratio_columns = [("baseline", "left"), ("align. ratio", "right"), ("cov. ratio", "right")] if ratios else []
    counted = ["statements", "parsed", "target statements", "parsed"]
    return [("training set", "left"), ("target", "left"), *((n, "right") for n in numbers), *ratio_columns] + [
        (n, "right") for n in counted
    ]


def _alignment_cells(row: Comparison, profiles: Mapping[str, Profile], ratios: bool) -> list[str]:
    training, target = profiles[row.training_set], profiles[row.target]
    measures = [f"{number:.3f}" for number in (row.alignment, row.coverage, row.overlap)]
    beside = [escape(row.baseline or "–"), _ratio(row.alignment_ratio), _ratio(row.coverage_ratio)] if ratios else []
    counted = [
        f"{training.statements:,}",
        percent(training.parse_rate),
        f"{target.statements:,}",
        percent(target.parse_rate),
    ]
    return [escape(row.training_set), escape(row.target), *measures, *beside, *counted]


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.3f}"
