"""What the description promises, tried with made-up requests against a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gridmask.api.app import create_app

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

# what is described are the routes; there need be nothing behind them. A stream would not end
SCHEMA = schemathesis.openapi.from_dict(create_app(cast("Installation", None)).openapi()).exclude(path_regex="/stream$")
SCHEMA.config.phases.coverage.enabled = False  # a thousand requests more


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")  # schemathesis does, at times
@SCHEMA.parametrize()
@hypothesis.settings(max_examples=8, deadline=None, derandomize=True)
def test_every_answer_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    # a well-formed request may make no sense, and a source may fail
    response = case.call_and_validate(base_url=address, excluded_checks=[positive_data_acceptance, not_a_server_error])
    assert response.status_code != 500
