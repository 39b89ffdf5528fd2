"""DIRAC's ``Operations/.../ResourceStatus`` as policy files, with a report of what became of each section.

``layers.py`` finds whose sections there are. ``policies.py`` makes policies of one layer with the help of ``catalogue.py``
(what each type of policy is here), ``matching.py`` (which rows) and ``together.py`` (what several policies mean together).
``surroundings.py`` tells of all that is no policy. ``dirac.py`` puts it together, ``toml.py`` writes it down. All is pure.
"""
