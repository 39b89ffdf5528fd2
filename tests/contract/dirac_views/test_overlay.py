"""Who reads the views as DIRAC and DiracX do sees what masks say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gridmask.domain.element import ACCESS, Element
from gridmask.domain.mask import Holding, mask_of
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.testing import element, row
from tests.dirac_views import BANNED, VOS, Seen, by_element, by_row

if TYPE_CHECKING:
    from tests.dirac_views import Viewed

ELEMENTS = (
    element("one"),
    element("one", "Squid"),
    element("store", "StorageElement"),
    element("Example", "Site", family="Site", site="Example"),
)
CALLED = {ELEMENTS[1].key: "one@Squid"}
STATUS_TYPES = {"StorageElement": ACCESS}
NEEDED = {"StorageElement": len(ACCESS)}

some = st.frozensets(st.sampled_from(VOS[:2]))


@st.composite
def holdings(draw: st.DrawFn, one: Element) -> Holding:
    """``one`` with rows of all, some of which bind, and with any of VOs."""
    changed = {"offered": draw(some), "in_service": draw(st.sampled_from([True, True, True, False]))}
    made = element(one.key.name, one.key.type, family=one.key.family, site=one.site, **changed)
    aspects, said = STATUS_TYPES.get(one.key.type, ("all",)), st.sampled_from(Status)
    rows = [row(made, draw(said), status_type=t, binding=draw(st.booleans())) for t in aspects]
    rows += [row(made, draw(said), status_type=t, vo=vo) for t in aspects for vo in draw(some)]
    return Holding(made, {one.key[1:]: one for one in rows})


worlds = st.tuples(*map(holdings, ELEMENTS))


def masked(world: tuple[Holding, ...], vo: str) -> Seen:
    """What ``vo``'s mask says; what it does not speak of is as good as banned."""
    mask = mask_of(vo, 1, world)
    return {
        (CALLED.get(one.element.key, one.element.key.name), one.element.key.type, aspect): BANNED
        if status is None
        else status.label
        for one in world
        for aspect in {aspect for aspect, _ in one.rows}
        for status in [mask.status(one.element.key, aspect)]
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, phases=[Phase.generate])
@given(world=worlds)
async def test_a_reader_of_any_vo_sees_what_its_mask_says(viewed: Viewed, world: tuple[Holding, ...]) -> None:
    await viewed.keep(*world)
    rows = [*await viewed.rows("ResourceStatus"), *await viewed.rows("SiteStatus")]
    assert len({(r["Name"], r["StatusType"], r["VO"]) for r in rows}) == len(rows)
    for vo in (*VOS, ALL):
        assert by_row(rows, vo) == masked(world, vo)
        assert by_element(rows, vo, NEEDED) == masked(world, vo)
