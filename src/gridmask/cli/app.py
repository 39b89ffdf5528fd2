"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from gridmask import __version__
from gridmask.cli import (
    access,
    actions,
    actuate,
    audit,
    automation,
    availability,
    batch,
    compare,
    db,
    db_tidy,
    db_views,
    downtime,
    export,
    hindsight,
    import_,
    inspect,
    mask,
    notify,
    policy,
    policy_layer,
    probe,
    recording,
    replay,
    serve,
    source,
    status,
    sync,
    token,
    vo,
    what_if,
    worker,
)
from gridmask.cli.dirac import app as dirac
from gridmask.cli.options import AsJson, Config, DatabaseUrl, Options, Sources, Verbose

app = typer.Typer(
    name="gridmask",
    help="Which services may a VO use, right now, and why?",
    epilog="Exit codes: 0 all went well, 1 something failed, 2 wrong usage, 130 interrupted.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is there in a third of the time
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gridmask {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    config: Config = None,
    database: DatabaseUrl = None,
    source: Sources = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", help="Tell the version, and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Which services may a VO use, right now, and why?"""
    ctx.obj = Options(config, database, tuple(source or ()), as_json, verbose)


for name, group, purpose in (
    ("status", status.app, "Statuses: list and set them, ask why, look back."),
    ("token", token.app, "Tokens: who holds what; take rows, hold them for longer, give them back."),
    ("automation", automation.app, "Automation: how far it goes with elements."),
    ("batch", batch.app, "Batches: what is held for a person to look at."),
    ("downtime", downtime.app, "Downtimes: list them, declare and cancel your own."),
    ("source", source.app, "Sources: how each fares."),
    ("probe", probe.app, "Probes: what Gridmask looks at itself; look now."),
    ("vo", vo.app, "VOs: which there are."),
    ("policy", policy.app, "Policies: which are in force."),
    ("import", import_.app, "Imports: what DIRAC was told, and what it remembers."),
    ("compare", compare.app, "Comparisons: how what DIRAC or DiracX says differs from what is said here."),
    ("export", export.app, "Exports: masks as files; what DIRAC would have to be told, to go back."),
    ("dirac", dirac.app, "DIRAC's habits: its commands, with its options and columns."),
    ("actions", actions.app, "Actions: how far each is, and what it could not tell."),
    ("actuate", actuate.app, "Actuators: what other systems have that the mask does not say, and what is done about it."),
    ("notify", notify.app, "Notifications: who would be told of what, and whether they can be reached."),
    ("access", access.app, "Access: tokens for scripts and probes."),
    ("recording", recording.app, "Recordings: what happened, in files of which it can happen again."),
    ("db", db.app, "The database: bring its schema up to date, check what is in it."),
):
    app.add_typer(group, name=name, help=purpose, no_args_is_help=True)
for module in (serve, worker, sync, inspect, mask, audit, hindsight, availability, replay):
    module.register(app)
db_tidy.register(db.app)
db_views.register(db.app)
what_if.register(policy.app)
policy_layer.register(policy.app)
