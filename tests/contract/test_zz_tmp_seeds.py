import os
import pytest
from tests.contract.test_dirac_remembered import wander
@pytest.mark.parametrize("seed", range(20, 20 + int(os.environ.get("SEEDS", "1"))))
async def test_seeds(grid, seed):
    await wander(grid, seed, 25)
