"""What to ask Prometheus for, and what the answers mean."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from gridmask.collectors.labels import Labels
from gridmask.documents import Strict

_TOGETHER = re.compile(
    r"\b(sum|avg|count|count_values|group|min|max|topk|bottomk|limitk|limit_ratio|quantile|stddev|stdvar)\s*(\(|by\b|without\b)"
    r"|\babsent(_over_time)?\s*\(",
    re.IGNORECASE,
)
"""What in an expression takes several series together, or finds that there is none."""


class QueryTable(Strict):
    """``[[source.query]]``: an expression, and what its values are."""

    name: str = Field(min_length=1, max_length=200, description="The name of the metric, or of the probe.")
    expr: str = Field(min_length=1, description="The expression; it must give a vector.")
    gives: Literal["probe", "metric"] = Field(
        "probe", description="`probe`: 1 is OK and 0 is CRITICAL, as of `probe_success` and `up`; `metric`: the number itself."
    )
    unit: str = Field("", description="The unit of a metric.")

    @property
    def is_sum(self) -> bool:
        """Whether its values are of several series together, so that without one of them they are others."""
        return _TOGETHER.search(self.expr) is not None


class PrometheusOptions(Labels):
    """Options of ``prometheus``."""

    query: tuple[QueryTable, ...] = Field(min_length=1, description="What to ask for, as a list of tables: see below.")

    @field_validator("query")
    @classmethod
    def _distinct(cls, queries: tuple[QueryTable, ...]) -> tuple[QueryTable, ...]:
        names = [query.name for query in queries]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is the name of more than one query")
        return queries
