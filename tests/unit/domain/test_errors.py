from __future__ import annotations

import pytest

from gridmask.domain import errors
from gridmask.domain.errors import Ambiguous, GridmaskError, InvalidConfiguration, NotKnown, StaleWrite


def test_the_drawn_tree_names_every_error() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GridmaskError)]
    assert [kind.__name__ for kind in kinds if kind.__name__ not in (errors.__doc__ or "")] == []


def test_a_wrong_configuration_tells_place_and_problem() -> None:
    error = InvalidConfiguration("gridmask.toml: source[0]", "url is missing")
    assert (error.place, error.problem) == ("gridmask.toml: source[0]", "url is missing")
    assert str(error) == "gridmask.toml: source[0]: url is missing"


def test_what_is_not_known_comes_with_the_nearest_name() -> None:
    assert NotKnown("VO", "CSM", ["cms", "atlas"]).suggestion is None
    assert str(NotKnown("VO", "Atlass", ["cms", "atlas"])) == "There is no VO called 'Atlass'. Did you mean 'atlas'?"


def test_where_none_is_near_the_names_that_there_are_are_told_if_they_are_few() -> None:
    assert str(NotKnown("VO", "x", {"cms", "atlas"})) == "There is no VO called 'x'. There are atlas, cms."
    assert str(NotKnown("VO", "x", map(str, range(13)))) == "There is no VO called 'x'."
    assert str(NotKnown("VO", "x")) == "There is no VO called 'x'."


def test_what_is_ambiguous_lists_what_it_could_be() -> None:
    assert str(Ambiguous("'x'", ["a", "b"])) == "'x' could be any of: a, b. Say which one."


def test_a_stale_write_tells_what_is_now() -> None:
    error = StaleWrite("FTS x for cms", 3, 5, "Banned")
    assert (error.seen, error.current, error.status) == (3, 5, "Banned")
    assert "in revision 5 (it is Banned now) after you saw it in revision 3" in str(error)


@pytest.mark.parametrize(
    ("kind", "permanent"),
    [(errors.InvalidRequest, True), (errors.SourceError, False), (errors.Quarantined, True), (errors.StoreBusy, False)],
)
def test_an_error_says_whether_trying_again_can_help(kind: type[GridmaskError], *, permanent: bool) -> None:
    assert kind.permanent is permanent
