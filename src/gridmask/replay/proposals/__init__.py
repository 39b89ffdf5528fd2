"""Proposals: where declarations, probes, policies and people disagree, and what could be done about it. Nothing is applied."""
