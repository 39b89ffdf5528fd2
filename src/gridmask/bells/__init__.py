"""Bells: how a process has the others know at once that it committed something."""
