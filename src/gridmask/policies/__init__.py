"""Policies as people write them: files in layers, what they amount to, and what can be told of them before they count.

``files.py`` makes a :class:`~gridmask.domain.policy.PolicySet` of them; begin there. ``layers.py`` finds and merges files,
``arguments.py`` types the arguments of rules, ``safeguards.py`` has the tables of guard and damping. ``check.py``,
``governance.py``, ``catalogue.py`` and ``template.py`` help those who write; ``testing/`` runs the tests that they wrote.
"""
