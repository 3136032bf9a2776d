"""check: looks at everything that a deployment needs, and says what is wrong, all at once."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.check.looks import check_all
from bot.check.report import as_json, show
from bot.clock import utc_now
from bot.commands.ends import BAD_FILE, BAD_SETTINGS, CHECK_FAILED, end, in_words
from bot.commands.panels import BEGIN
from bot.config import Settings
from bot.netmind.catalog import Catalog
from bot.probe.page import left, page
from bot.probe.plan import announced, plan_of
from bot.probe.run import probe as probe_netmind

check = typer.Typer()

_PAGE = Path("netmind-probe.md")


@check.command(name="check", rich_help_panel=BEGIN)
def check_command(
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Learn how NetMind answers your key; it may be billed."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --probe: do not ask before.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --probe: where what it learned is written.",
            show_default=str(_PAGE),
        ),
    ] = None,
) -> None:
    """Look at settings, data, Discord, NetMind and this machine; say what is wrong."""
    if probe:
        if json:
            raise typer.BadParameter("--probe writes a page, no JSON; ask for one of the two.")
        with quiet(), in_words():
            _probe(out or _PAGE, sure=yes)
        return
    if yes or out:
        raise typer.BadParameter("--yes and --out are for --probe.")
    with quiet():
        report = asyncio.run(check_all())
    if json:
        typer.echo(as_json(report))
    else:
        show(report)
    if not report.all_well:
        raise typer.Exit(CHECK_FAILED)


@contextmanager
def quiet() -> Iterator[None]:
    """Have the log say nothing: the findings say it all, and it would say parts of it twice."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    deaf = logging.NullHandler()
    logging.getLogger("discord").addHandler(deaf)
    try:
        yield
    finally:
        structlog.configure(**before)
        logging.getLogger("discord").removeHandler(deaf)


def _probe(out: Path, *, sure: bool) -> None:
    settings = Settings.load()
    plan = plan_of(Catalog.load(settings.models_file))
    typer.echo(announced(plan, exclusive=settings.netmind_account == "exclusive"))
    if not sure:
        _make_sure()
    try:
        out.touch()  # before anything is made that nobody could read of
    except OSError as error:
        end([f"{out} cannot be written: {error.strerror}."], BAD_FILE)
    record = asyncio.run(probe_netmind(settings, plan, lambda step: typer.echo(f"  {step} ...")))
    token = settings.netmind_api_token.get_secret_value()
    out.write_text(page(record, plan, settings.netmind_base_url, token, utc_now()), "utf-8")
    typer.echo(f"What it learned is in {out}.")
    if troubles := [each for each in (record.stopped, *left(record)) if each]:
        end(troubles, CHECK_FAILED)


def _make_sure() -> None:
    if not sys.stdin.isatty():
        end(["Nobody is here to be asked; --yes says that you want it."], BAD_SETTINGS)
    typer.confirm("Go on?", abort=True)
