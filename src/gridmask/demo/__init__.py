"""The demonstration: a grid that does not exist, and a week of incidents in it that passes in minutes.

:mod:`~gridmask.demo.world` says what there is and :mod:`~gridmask.demo.script` what happens to it;
:class:`~gridmask.demo.play.Play` tells it by a clock, :class:`~gridmask.demo.fakegrid.FakeGrid` in the formats of registries.
:mod:`~gridmask.demo.cast` does what no registry does: measures, and decides as people do.
:mod:`~gridmask.demo.stage` puts an installation before it, which reads it as it would read any grid.
"""
