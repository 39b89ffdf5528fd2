"""Replay: what was recorded happens again, by the step that decides everything, under the policies of then or under others."""
