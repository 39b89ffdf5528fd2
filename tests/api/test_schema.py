"""What the description promises, tried with made-up requests against a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gridmask.api.app import create_app

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

# what can be described needs no installation behind it; a stream would not end
SCHEMA = schemathesis.openapi.from_dict(create_app(cast("Installation", None)).openapi()).exclude(path_regex="/stream$")

# a well-formed request may make no sense, and a source may fail
LEFT_OUT = [positive_data_acceptance, not_a_server_error]


@pytest.mark.slow
@SCHEMA.parametrize()
@hypothesis.settings(max_examples=10, deadline=None, derandomize=True)
def test_every_answer_is_as_described(case: schemathesis.Case, address: str) -> None:
    response = case.call_and_validate(base_url=address, excluded_checks=LEFT_OUT)
    assert response.status_code != 500
