"""What elements are called in views is what they are called at the door: the rule is there twice, in SQL and in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from gridmask.domain.element import ElementKey
from gridmask.domain.mask import Holding
from gridmask.store.dirac_views.names import FIRST, told_apart
from gridmask.store.tables import elements
from gridmask.testing import element, row
from tests.clocks import NOW

if TYPE_CHECKING:
    from tests.dirac_views import Viewed

TYPES = (*FIRST, "Squid", "squid", "Étoile", "Z@", "a b")
ASPECTS = st.sets(st.sampled_from(["all", "ReadAccess", "one"]), max_size=2)
WORLDS = st.dictionaries(st.tuples(st.sampled_from(["x", "X", "x@FTS"]), st.sampled_from(TYPES)), ASPECTS, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, phases=[Phase.generate])
@given(world=WORLDS, gone=st.sets(st.sampled_from(TYPES), max_size=2))
async def test_the_rule_in_sql_is_the_rule_in_python(
    viewed: Viewed, world: dict[tuple[str, str], set[str]], gone: set[str]
) -> None:
    keys = {ElementKey("Resource", type_, name): aspects for (name, type_), aspects in world.items()}
    made = {key: element(key.name, key.type) for key in keys}
    await viewed.keep(*(Holding(of, {(a, "all"): row(of, status_type=a) for a in keys[key]}) for key, of in made.items()))
    async with viewed.database.engine.begin() as connection:
        await connection.execute(update(elements).where(elements.c.type.in_(gone)).values(taken_out_at=NOW))
    there = {key: aspects for key, aspects in keys.items() if key.type not in gone}
    names = told_apart([(key, there[key]) for key in there if key.name == name] for name in {key.name for key in there})
    expected = {(names.of(key), key.type, aspect) for key, aspects in there.items() for aspect in aspects}
    assert {(said["Name"], said["ElementType"], said["StatusType"]) for said in await viewed.rows()} == expected
