"""Write the demo: a week of a retail warehouse's query log, shaped like Snowflake's ACCOUNT_USAGE.QUERY_HISTORY.

    python jobs/demo_log.py demo/query_history.parquet

Everything is invented and follows from one seed: the same seed writes the same rows. The pieces of SQL are in
jobs/demo/*.sql (dashboards that repeat, questions asked once, dbt and ETL, housekeeping, failures); beside them,
ad-hoc queries are composed from the facts, dimensions and measures of warehouse.yaml, so that few of them are alike.
"""

import datetime as dt
import json
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

PIECES = Path(__file__).parent / "demo"
FIRST_DAY = dt.date(2025, 3, 3)
DAYS = 7
COMPOSED = 900
HOSTILE_DEPTH = 20_000


class Author(NamedTuple):
    """Who runs a kind of query: user, role, warehouse and the tag their tool sets."""

    user: str
    role: str
    warehouse: str
    tag: str = ""


TOOLS = [Author("LOOKER_SVC", "BI_READER", "BI_WH", "looker"), Author("TABLEAU_SVC", "BI_READER", "BI_WH")]
ANALYSTS = [
    Author(f"{name}@RETAIL.EXAMPLE", "ANALYST", "ANALYST_WH")
    for name in ("ADA", "BORIS", "CHIDI", "DUNJA", "ESRA", "FINN")
]
LOADERS = [
    Author("DBT_CLOUD", "TRANSFORMER", "TRANSFORM_WH", '{"app": "dbt"}'),
    Author("AIRFLOW", "LOADER", "LOAD_WH", "airflow"),
]


class Run(NamedTuple):
    """One query before it becomes rows of the log."""

    sql: str
    author: Author
    failed: bool = False
    from_client: bool = False


# ---------------------------------------------------------------- the pieces of SQL


def read_pieces(name: str) -> list[tuple[str, str]]:
    """[(title, sql)] of a file of pieces: each starts with `-- title:` and ends with `;` at the end of a line."""
    blocks = re.split(r"^-- title: ", (PIECES / f"{name}.sql").read_text(encoding="utf-8"), flags=re.M)[1:]
    pairs = (block.split("\n", 1) for block in blocks)
    return [(title.strip(), sql.strip().removesuffix(";")) for title, sql in pairs]


def fill(sql: str, rng: random.Random) -> str:
    """The piece with its placeholders, each occurrence drawn anew, replaced by literals."""
    values = literals(rng)
    return re.sub(r"\{(\w+)\}", lambda hit: values[hit[1]]() if hit[1] in values else hit[0], sql)


def literals(rng: random.Random) -> dict[str, Callable[[], str]]:
    """What each placeholder can become."""
    day = FIRST_DAY - dt.timedelta(days=rng.choice([1, 7, 30, 30, 90, 365]) + rng.randrange(20))
    return {name: partial(rng.choice, words) for name, words in WAREHOUSE["words"].items()} | {
        "date": day.isoformat,
        "date_to": (day + dt.timedelta(days=rng.choice([1, 7, 30]))).isoformat,
        "d_date": lambda: f"(DATE '{day}')",
        "id": lambda: str(rng.randrange(1, 99_999)),
        "n": lambda: str(rng.randrange(2, 13)),
        "days": lambda: str(rng.choice([7, 14, 28, 30, 90, 180])),
        "amount": lambda: str(rng.choice([50, 99.9, 100, 250, 500, 1000])),
        "limit": lambda: str(rng.choice([5, 10, 20, 50, 100, 1000])),
        "slug": lambda: f"{rng.getrandbits(80):020x}",
        "dbt": lambda: dbt_header(rng),
    }


def dbt_header(rng: random.Random) -> str:
    """The comment dbt puts above each statement."""
    model = rng.choice(["fct_orders", "fct_order_lines", "stg_orders", "stg_payments", "dim_customers", "dim_stores"])
    header = {"app": "dbt", "dbt_version": "1.9.2", "target_name": "prod", "node_id": f"model.retail.{model}"}
    return f"/* {json.dumps(header)} */"


# ---------------------------------------------------------------- ad-hoc queries, composed


class Fact(NamedTuple):
    """A fact table: its alias, its time column, measures, own attributes, filters and the dimensions it can join."""

    table: str
    alias: str
    time: str
    measures: list[str]
    attributes: list[str]
    filters: list[str]
    dimensions: list[str]


class Dimension(NamedTuple):
    """A dimension table with its alias, the condition that joins it, attributes to group by and filters."""

    table: str
    on: str
    attributes: list[str]
    filters: list[str]


WAREHOUSE = yaml.safe_load((PIECES / "warehouse.yaml").read_text(encoding="utf-8"))
FACTS = [Fact(**fact) for fact in WAREHOUSE["facts"]]
DIMENSIONS = {name: Dimension(**dimension) for name, dimension in WAREHOUSE["dimensions"].items()}


class Parts(NamedTuple):
    """A composed query before it is written down."""

    fact: Fact
    source: str
    groups: list[str]
    measures: list[str]
    filters: list[str]


def some(pieces: list[str], how_many: tuple[int, ...], rng: random.Random) -> list[str]:
    """Different pieces, as many as one of `how_many` says, at most all."""
    return rng.sample(pieces, k=min(len(pieces), rng.choice(how_many)))


def draw_parts(rng: random.Random) -> Parts:
    """A fact with some dimensions, groups, measures and filters."""
    fact = rng.choice(FACTS)
    dimensions = [DIMENSIONS[name] for name in some(fact.dimensions, (0, 0, 1, 1, 1, 2, 3), rng)]
    joins = [f" {rng.choice(['JOIN', 'JOIN', 'LEFT JOIN', 'INNER JOIN'])} {d.table} ON {d.on}" for d in dimensions]
    groups = some([a for d in dimensions for a in d.attributes] + fact.attributes, (0, 1, 1, 2), rng)
    groups += some(WAREHOUSE["time_grains"], (0, 0, 1), rng)
    filters = some([f for d in dimensions for f in d.filters] + fact.filters, (0, 1, 1, 2, 3), rng)
    filters += some(WAREHOUSE["time_filters"], (0, 1, 1), rng)
    filters += some(WAREHOUSE["subquery_filters"], (0, 0, 0, 0, 0, 1), rng)
    measures = some(fact.measures, (1, 1, 2, 3), rng)
    return Parts(fact, f"{fact.table} {fact.alias}{''.join(joins)}", groups, measures, filters)


def where(parts: Parts) -> str:
    return f" WHERE {' AND '.join(parts.filters)}" if parts.filters else ""


def grouped(parts: Parts, rng: random.Random, tail: bool = True) -> str:
    """SELECT groups, measures … GROUP BY, now and then with HAVING, ORDER BY, LIMIT."""
    named = [f"{g} AS g{i}" for i, g in enumerate(parts.groups)] + [
        f"{m} AS m{i}" for i, m in enumerate(parts.measures)
    ]
    sql = f"SELECT {', '.join(named)} FROM {parts.source}{where(parts)}"
    if parts.groups:
        aliases = [f"g{i}" for i in range(len(parts.groups))]
        sql += " GROUP BY " + rng.choice([", ".join(parts.groups), ", ".join(aliases), "ALL"])
        sql += rng.choice(["", "", "", f" HAVING {parts.measures[0]} > {{amount}}"])
    return sql + (order_and_limit(parts, rng) if tail and parts.groups else "")


def order_and_limit(parts: Parts, rng: random.Random) -> str:
    by_place = " ORDER BY 1, 2 DESC" if len(parts.groups) > 1 else " ORDER BY 1"
    return rng.choice(["", " ORDER BY m0 DESC", " ORDER BY g0", by_place]) + rng.choice(["", "", " LIMIT {limit}"])


def detail(parts: Parts, rng: random.Random) -> str:
    """A look at single rows."""
    columns = rng.choice(["*", f"{parts.fact.alias}.*", ", ".join([*parts.groups, *parts.fact.attributes])])
    order = rng.choice(["", f" ORDER BY {parts.fact.alias}.{parts.fact.time} DESC"])
    return (
        f"SELECT {rng.choice(['', '', 'DISTINCT '])}{columns} FROM {parts.source}{where(parts)}{order} LIMIT {{limit}}"
    )


def ranked(parts: Parts, rng: random.Random) -> str:
    """The top of each group, by QUALIFY or by a subquery."""
    groups = parts.groups or [parts.fact.attributes[0]]
    keys, measure = ", ".join(groups), parts.measures[0]
    rank = rng.choice(["ROW_NUMBER", "RANK", "DENSE_RANK"])
    window = f"{rank}() OVER (PARTITION BY {groups[0]} ORDER BY {measure} DESC)"
    rest = f"FROM {parts.source}{where(parts)} GROUP BY {keys}"
    if rng.random() < 0.5:
        return f"SELECT {keys}, {measure} AS m0 {rest} QUALIFY {window} <= {{n}}"
    return f"SELECT * FROM (SELECT {keys}, {measure} AS m0, {window} AS place {rest}) WHERE place <= {{n}}"


def with_cte(parts: Parts, rng: random.Random) -> str:
    """A grouped query in a CTE, worked on once more."""
    grouped_parts = parts._replace(groups=parts.groups or [parts.fact.attributes[0]])
    after = rng.choice(
        [
            "SELECT g0, m0, m0 / SUM(m0) OVER () AS share FROM base ORDER BY share DESC",
            "SELECT AVG(m0), MAX(m0), MIN(m0) FROM base",
            "SELECT * FROM base WHERE m0 > (SELECT AVG(m0) FROM base)",
            "SELECT g0, m0, LAG(m0) OVER (ORDER BY g0) AS before, m0 - before AS change FROM base ORDER BY g0",
            "SELECT a.g0, a.m0 - b.m0 AS diff FROM base a JOIN base b ON a.g0 = b.g0 WHERE b.m0 > 0 ORDER BY diff",
            "SELECT CASE WHEN m0 > {amount} THEN 'high' ELSE 'low' END AS class, COUNT(*) FROM base GROUP BY 1",
        ]
    )
    return f"WITH base AS (\n  {grouped(grouped_parts, rng, tail=False)}\n)\n{after}"


def stacked(parts: Parts, rng: random.Random) -> str:
    """Two slices one below the other."""
    one = grouped(parts, rng, tail=False)
    return f"{one} {rng.choice(['UNION ALL', 'UNION ALL', 'UNION', 'EXCEPT'])} {one}"


def compose(rng: random.Random) -> str:
    """An ad-hoc query with literals."""
    parts = draw_parts(rng)
    shape = rng.choices([grouped, detail, ranked, with_cte, stacked], weights=[9, 3, 2, 3, 1])[0]
    return fill(shape(parts, rng).replace("{f}", parts.fact.alias).replace("{time}", parts.fact.time), rng)


# ---------------------------------------------------------------- how people type


REMARKS = (
    "check for Dunja",
    "v2",
    "TODO: ask finance",
    "don't run at night",
    "ticket RET-{id}",
    "same as the dashboard",
)


def restyle(sql: str, rng: random.Random) -> str:
    """The same query as somebody else would type it: case, white space, comments, a semicolon."""
    style = rng.random()
    if style < 0.15 and "--" not in sql:
        sql = "'".join(part if i % 2 else part.lower() for i, part in enumerate(sql.split("'")))
    elif style < 0.35:
        sql = re.sub(r" (FROM|WHERE|GROUP BY|ORDER BY|LEFT JOIN|JOIN) ", r"\n\1 ", sql)
    if rng.random() < 0.2:
        sql = f"-- {rng.choice(REMARKS)}\n{sql}"
    if rng.random() < 0.1:
        sql = f"{sql} /* {rng.choice(REMARKS)} */"
    return fill(sql, rng) + rng.choice(["", "", ";"])


def repeated(name: str, authors: list[Author], each: tuple[int, int], rng: random.Random) -> Iterator[Run]:
    """Every piece of a file, as often as drawn from `each`, with other literals each time."""
    for _, sql in read_pieces(name):
        author = rng.choice(authors)
        yield from (Run(fill(sql, rng), author) for _ in range(rng.randint(*each)))


def questions(rng: random.Random) -> Iterator[Run]:
    """Analysts' questions: known ones in several hands, composed ones, and some run again a moment later."""
    known = [sql for _, sql in read_pieces("questions") for _ in range(rng.randint(1, 6))]
    typed = known + [compose(rng) for _ in range(COMPOSED)]
    for sql in typed:
        run = Run(restyle(fill(sql, rng), rng), rng.choice(ANALYSTS))
        yield from [run] * rng.choice([1, 1, 1, 1, 2, 3])


def housekeeping(rng: random.Random) -> Iterator[Run]:
    """What tools and people send besides questions."""
    for _, sql in read_pieces("housekeeping"):
        for _ in range(rng.randint(4, 30)):
            yield Run(fill(sql, rng), rng.choice([*ANALYSTS, *TOOLS]), from_client=rng.random() < 0.6)
    yield from (Run(sql, rng.choice(ANALYSTS)) for sql in ("", "-- only a comment", "   ", ";"))


def failures(rng: random.Random) -> Iterator[Run]:
    """Statements the warehouse refused."""
    for _, sql in read_pieces("failures"):
        yield from (Run(fill(sql, rng), rng.choice(ANALYSTS), failed=True) for _ in range(rng.randint(1, 4)))


def hostile() -> Run:
    """A generated query nested so deeply that a parser without a guard dies of it."""
    return Run("SELECT * FROM (" * HOSTILE_DEPTH + "SELECT 1" + ")" * HOSTILE_DEPTH, LOADERS[1])


def all_runs(rng: random.Random) -> list[Run]:
    """Every query of the week, in no order yet."""
    return [
        *repeated("dashboards", TOOLS, (30, 130), rng),
        *questions(rng),
        *repeated("etl", LOADERS, (7, 42), rng),
        *housekeeping(rng),
        *failures(rng),
        hostile(),
    ]


# ---------------------------------------------------------------- the rows of the log

SCHEMA = pa.schema(
    [
        ("QUERY_ID", pa.string()),
        ("QUERY_TEXT", pa.string()),
        ("DATABASE_NAME", pa.string()),
        ("SCHEMA_NAME", pa.string()),
        ("QUERY_TYPE", pa.string()),
        ("SESSION_ID", pa.int64()),
        ("USER_NAME", pa.string()),
        ("ROLE_NAME", pa.string()),
        ("WAREHOUSE_NAME", pa.string()),
        ("QUERY_TAG", pa.string()),
        ("EXECUTION_STATUS", pa.string()),
        ("ERROR_CODE", pa.string()),
        ("ERROR_MESSAGE", pa.string()),
        ("START_TIME", pa.timestamp("ms", tz="UTC")),
        ("END_TIME", pa.timestamp("ms", tz="UTC")),
        ("TOTAL_ELAPSED_TIME", pa.int64()),
        ("BYTES_SCANNED", pa.int64()),
        ("ROWS_PRODUCED", pa.int64()),
        ("IS_CLIENT_GENERATED_STATEMENT", pa.bool_()),
    ]
)
QUERY_TYPES = {
    "with": "SELECT",
    "create": "CREATE_TABLE_AS_SELECT",
    "alter": "ALTER_SESSION",
    "begin": "BEGIN_TRANSACTION",
}


def query_type(sql: str) -> str:
    """Snowflake's QUERY_TYPE, from the first word below the comments."""
    first = re.search(r"[A-Za-z]+", re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.S))
    word = first[0].lower() if first else "unknown"
    return QUERY_TYPES.get(word, word.upper())


def log_row(run: Run, rng: random.Random) -> dict[str, Any]:
    """One row of QUERY_HISTORY; office hours are busier than nights."""
    midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
    hour = rng.choice([*range(24), *range(8, 19), *range(8, 19)])
    start = midnight + dt.timedelta(days=rng.randrange(DAYS), hours=hour, milliseconds=rng.randrange(3_600_000))
    elapsed = int(rng.lognormvariate(6.5, 1.4))
    return {
        "QUERY_ID": f"01{rng.getrandbits(120):030x}",
        "QUERY_TEXT": run.sql,
        "DATABASE_NAME": "ANALYTICS",
        "SCHEMA_NAME": "MART",
        "QUERY_TYPE": query_type(run.sql),
        "SESSION_ID": rng.randrange(10**9),
        "USER_NAME": run.author.user,
        "ROLE_NAME": run.author.role,
        "WAREHOUSE_NAME": run.author.warehouse,
        "QUERY_TAG": run.author.tag,
        "EXECUTION_STATUS": "FAIL" if run.failed else "SUCCESS",
        "ERROR_CODE": "001003" if run.failed else None,
        "ERROR_MESSAGE": "SQL compilation error" if run.failed else None,
        "START_TIME": start,
        "END_TIME": start + dt.timedelta(milliseconds=elapsed),
        "TOTAL_ELAPSED_TIME": elapsed,
        "BYTES_SCANNED": 0 if run.failed else int(rng.lognormvariate(16, 2)),
        "ROWS_PRODUCED": None if run.failed else int(rng.lognormvariate(3, 2)),
        "IS_CLIENT_GENERATED_STATEMENT": run.from_client,
    }


def demo_log(seed: int = 7) -> pa.Table:
    """The week's log, a row a query, by start time."""
    rng = random.Random(seed)
    rows = sorted((log_row(run, rng) for run in all_runs(rng)), key=lambda row: (row["START_TIME"], row["QUERY_ID"]))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@click.command()
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=7, show_default=True, help="Another seed, another week.")
def main(output: Path, seed: int) -> None:
    """Write the demo's query log to OUTPUT (Parquet).

    \b
    Example:
      python jobs/demo_log.py demo/query_history.parquet
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    log = demo_log(seed)
    pq.write_table(log, output)
    click.echo(f"{output}: {log.num_rows} queries of {DAYS} days", err=True)


if __name__ == "__main__":
    main()
