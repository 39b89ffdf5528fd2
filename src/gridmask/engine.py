"""``[engine]``: by what means the work is spread over processes and machines, and what part one of them has in that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from gridmask.documents import Strict

BROKER_VARIABLE = "GRIDMASK_BROKER"

SCHEMES = ("amqp://", "amqps://", "redis://", "rediss://")


class Engine(Strict):
    """``[engine]``: who does the work."""

    kind: Literal["in-process", "leases", "celery"] = Field(
        "in-process",
        description="`in-process`: the server itself. `leases`: any number of `gridmask worker`, who share it by leases in the "
        "database. `celery`: the same, woken by Celery.",
    )
    broker: str = Field(
        "",
        description="For `celery`: the broker, `amqp://USER@HOST/VHOST` or `redis://HOST/NUMBER`. A password belongs in "
        f"`{BROKER_VARIABLE}`, which replaces this.",
        validate_default=True,
        repr=False,
    )
    queue: str = Field(
        "gridmask", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="For `celery`: the queue; one for each installation."
    )
    concurrency: int = Field(8, ge=1, le=1000, description="How many sources a worker reads at once.")

    @field_validator("broker")
    @classmethod
    def _where_it_is_used(cls, broker: str, info: ValidationInfo) -> str:
        if info.data.get("kind") == "celery" and not broker.startswith(SCHEMES):
            raise ValueError(f"Celery needs a broker: a URL that begins with one of {', '.join(SCHEMES)}")
        return broker


@dataclass(frozen=True, slots=True)
class Part:
    """What part a process has in the work.

    Attributes:
        does: ``all`` there is to do, as the engine ``in-process`` has it; its share, as a ``worker``; or ``nothing``.
        kinds: for a worker, of which kinds. Empty: all.
        concurrency: for a worker, how many sources it reads at once; None: as the settings say.
    """

    does: Literal["all", "share", "nothing"] = "all"
    kinds: tuple[str, ...] = ()
    concurrency: int | None = None
