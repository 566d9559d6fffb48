"""The keys of the configuration: their types, defaults and limits."""

import hashlib
import json
import math
from collections.abc import Callable
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    ValidationInfo,
    field_validator,
)

from sqlalign.errors import SqlalignError, did_you_mean
from sqlalign.profile import check_name
from sqlalign.schemas import SEGMENTS
from sqlalign.sources.detect import check_layout
from sqlalign.sources.filters import BUILT_IN, QueryFilter, filters_of
from sqlalign.sql.dialects import check_dialect

UNION_TAGS = ("<name>", "<filter>")
"""What pydantic puts into the place of a fault for the members of a union."""


def _checked(check: Callable[[Any], Any]) -> AfterValidator:
    """A check that raises one of our errors, as pydantic wants it."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except SqlalignError as error:
            raise ValueError(str(error)) from error
        return value

    return AfterValidator(validate)


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"unknown time zone '{name}'. Set it to one such as UTC or Europe/Berlin") from error
    return name


def _check_built_in(name: str) -> str:
    if name not in BUILT_IN:
        hint = did_you_mean(name, BUILT_IN)
        raise ValueError(f"unknown filter '{name}'.{hint} Built in are: {', '.join(BUILT_IN)}")
    return name


def _check_segment(name: str) -> str:
    if name not in SEGMENTS:
        raise ValueError(f"unknown segment '{name}'.{did_you_mean(name, SEGMENTS)} Known are: {', '.join(SEGMENTS)}")
    return name


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"'{', '.join(twice)}' is named twice. Name it once")
    return values


Optional = BeforeValidator(lambda value: None if value == "" else value)
"""An empty text, as an unset environment variable's default gives, stands for no value."""

Text = Annotated[str, Field(min_length=1)]
ProfileName = Annotated[str, _checked(check_name)]
ProfileNames = Annotated[tuple[ProfileName, ...], AfterValidator(_unique)]
Segment = Annotated[str, AfterValidator(_check_segment)]
FilterItem = Annotated[
    Annotated[str, AfterValidator(_check_built_in), Tag(UNION_TAGS[0])] | Annotated[QueryFilter, Tag(UNION_TAGS[1])],
    Discriminator(lambda value: UNION_TAGS[0] if isinstance(value, str) else UNION_TAGS[1]),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSection(_Section):
    """Where the tables are written."""

    path: Text
    format: Literal["parquet", "delta"] = "parquet"


class SourceSection(_Section):
    """The query log. `input` is a path or a catalog table; None is told from the input."""

    name: ProfileName
    input: Text
    format: Annotated[str | None, Optional] = None
    layout: Annotated[str | None, _checked(lambda name: name and check_layout(name)), Optional] = None
    dialect: Annotated[str | None, _checked(lambda name: name and check_dialect(name))] = None
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = "UTC"
    sql_column: Annotated[str | None, Optional] = None
    executions_column: Annotated[str | None, Optional] = None


class FiltersSection(_Section):
    """Whose queries count: names of built-in filters, or descriptions."""

    exclude: tuple[FilterItem, ...] = ()
    only: tuple[FilterItem, ...] = ()

    def filters(self) -> list[QueryFilter]:
        """All filters, in the order they apply."""
        return filters_of(self.exclude, self.only)


class NightlyConfig(_Section):
    """The whole configuration, e.g. `parse_config("store: {path: s}\\nsource: {name: dwh, input: log.parquet}")`."""

    store: StoreSection
    source: SourceSection
    filters: FiltersSection = FiltersSection()
    segments: Annotated[tuple[Segment, ...], AfterValidator(_unique)] = ()
    rules: Literal["canonical", "written"] = "canonical"
    max_n: int = Field(default=15, ge=1, le=50)
    target_window_days: int = Field(default=28, ge=1, le=3660)
    recompute_days: int = Field(default=3, ge=1)
    max_reject_share: float = Field(default=0.1, ge=0, le=1)
    keep_rejected_sql: bool = False
    profile_store: Annotated[str | None, Optional] = None
    training_sets: ProfileNames = ()
    baselines: ProfileNames = ()
    weighting: Literal["auto", "executions", "shapes"] = "auto"
    delta: float = Field(default=1e-6, gt=0, lt=1)
    min_count: int = Field(default=1, ge=1)
    vacuum_after_days: float | None = Field(default=7, gt=0, allow_inf_nan=False)
    spark_conf: dict[str, SecretStr] = {}

    @field_validator("recompute_days")
    @classmethod
    def _check_recompute_days(cls, days: int, info: ValidationInfo) -> int:
        window = info.data.get("target_window_days", math.inf)
        if days > window:
            raise ValueError(f"{days} days are more than target_window_days ({window}). Recompute at most those")
        return days

    def effective(self) -> dict[str, Any]:
        """The configuration in force as plain data, defaults filled in, without the values of `spark_conf`."""
        plain = self.model_dump(mode="json", exclude={"spark_conf"})
        return plain | {"spark_conf": sorted(self.spark_conf)}

    def digest(self) -> str:
        """SHA-256, in hex, of `effective()` as canonical JSON: equal configurations have equal digests."""
        canonical = json.dumps(self.effective(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def spark_settings(self) -> dict[str, str]:
        """The settings of `spark_conf` in the clear, for the session. Never print or store them."""
        return {name: value.get_secret_value() for name, value in self.spark_conf.items()}
