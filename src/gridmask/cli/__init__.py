"""The command line: the same use cases as the other doors. What it prints goes to stdout; what it has to say, to stderr.

``--help`` must not wait for what a command needs: this package imports nothing heavy but within commands.
"""

from __future__ import annotations


def main() -> None:
    """Run the command that the arguments of the process name, and exit."""
    from gridmask.cli.app import app

    app()
