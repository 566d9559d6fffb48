"""Pure functions on texts, run over a column. The only place in `sources` with a user-defined function: what mends a
text cannot be said in Spark's own functions, and the record's `repairs` must say what was mended."""

from collections.abc import Callable

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

Mend = Callable[[str, str], tuple[str, tuple[str, ...]]]
"""Text and dialect → the mended text, and the names of what was mended."""

_MENDED = StructType([StructField("sql", StringType()), StructField("repairs", ArrayType(StringType(), False))])
_ARROW = pa.struct([("sql", pa.string()), ("repairs", pa.list_(pa.string()))])


def with_mended(queries: DataFrame, mend: Mend) -> DataFrame:
    """The queries with `sql` mended and `repairs` naming how; rows without a text stay as they are.

    Needs `sql` and `dialect`, and sets `repairs`. The function travels to Spark's workers by the name of its module.
    """

    def mended(texts: pa.Array, dialects: pa.Array) -> pa.Array:
        rows = zip(texts.to_pylist(), dialects.to_pylist(), strict=True)
        results = [(None, ()) if text is None else mend(text, dialect or "") for text, dialect in rows]
        return pa.array([{"sql": sql, "repairs": list(repairs)} for sql, repairs in results], type=_ARROW)

    on_column = F.arrow_udf(mended, _MENDED)  # type: ignore[call-overload]  # its stubs leave records out
    return (
        queries.withColumn("_mended", on_column("sql", "dialect"))
        .withColumn("sql", F.col("_mended.sql"))
        .withColumn("repairs", F.col("_mended.repairs"))
        .drop("_mended")
    )
