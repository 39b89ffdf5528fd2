"""Actuators: actions that make other systems have what the mask says. What all of them have in common.

``planning.py`` decides what is done, and is pure; ``actuator.py`` does it; a folder beside this one knows each other system.
"""
