"""Commands: serve, invite, run, status, interpret, calibrate, addon, addin, doctor, purge, rotate-key, export,
erase."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from server.domain.words import ChannelName
from server.errors import CellbackError, ConfigError
from server.local import forked
from server.starting import begin

EPILOG = "Every setting is an environment variable (see .env.example). `doctor` checks them."


PER_ROW = {
    "--channel-column": "column that names each row's channel: email, WhatsApp, SMS, call",
    "--attachment-column": "column with the file or link that goes along with a mail",
    "--cc-column": "column with addresses that get a copy of a mail",
    "--sender-column": "column with the sender of a mail, at the domain of EMAIL_FROM",
    "--reply-to-column": "column with the address that replies to a mail go to as well",
}
"""Options of `run` that name a column -> what it holds."""
MOST_TRIED = 1000
ROLES = ("viewer", "editor", "sender")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m server", description=__doc__, epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start everything and print the desk's address")
    serve.add_argument("workbook", nargs="?", help="an .xlsx, .xlsm or .csv file (default: the one opened last)")

    invite = commands.add_parser("invite", help="print an address of the desk for one more person")
    invite.add_argument("name", help="what others see of them")
    invite.add_argument(
        "--role", default="viewer", choices=ROLES, help="what they may do: look, edit and approve, or send (viewer)"
    )
    invite.add_argument("--days", type=int, default=30, metavar="N", help="days that the address is good for (30)")

    run = commands.add_parser("run", help="run a campaign on a workbook without a browser")
    run.add_argument("workbook", help="path of an .xlsx, .xlsm or .csv file")
    run.add_argument("--sheet", default="", metavar="NAME", help="tab (default: its first visible one)")
    said = run.add_mutually_exclusive_group(required=True)
    said.add_argument("--instruction", default="", metavar="TEXT", help="what each row should be told and asked")
    said.add_argument("--template", default="", metavar="TEXT", help="the text itself, with {{Column}} placeholders")
    run.add_argument("--subject", default="", metavar="TEXT", help="subject of the mails, placeholders allowed")
    run.add_argument("--channel", type=ChannelName, choices=list(ChannelName), help="how (default: the local outbox)")
    run.add_argument("--provider", default="", metavar="NAME", help="who carries it (default: the one that is set up)")
    run.add_argument("--address-column", default="", metavar="NAME", help="column of the addresses (default: found)")
    run.add_argument(
        "--answers", action="append", default=[], metavar="COLUMN=VALUE|VALUE", help="a column that replies may fill"
    )
    run.add_argument("--language", default="", metavar="CODE", help="of the texts, such as de (default: as instructed)")
    run.add_argument("--tone", default="", metavar="TEXT", help="how the texts sound, such as “warm and short”")
    run.add_argument(
        "--remind-after", type=int, metavar="DAYS", help="days without an answer until a row says so (0: never)"
    )
    run.add_argument("--one-text", action="store_true", help="write one text and fill it for each row")
    run.add_argument(
        "--leave-out", action="append", default=[], metavar="TEXT", help="what the instruction asks for and no row has"
    )
    run.add_argument("--rows", default="", metavar="all|visible|KEY,...", help="which rows (default: visible)")
    run.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="of these only rows such as Country=Spain, Fee>30, Paid is empty, Start before 10:00; repeated: all hold",
    )
    run.add_argument(
        "--fallback",
        action="append",
        default=[],
        metavar="CHANNEL[:PROVIDER][=COLUMN]",
        help="where to turn for a row without a usable address, such as sms or email=Mail; in order",
    )
    for option, holds in PER_ROW.items():
        run.add_argument(option, default="", metavar="NAME", help=holds)
    run.add_argument("--whatsapp-template", default="", metavar="NAME", help="approved template, for outside 24 hours")
    run.add_argument("--whatsapp-language", default="", metavar="CODE", help="its language (default: the plan's)")
    run.add_argument("--whatsapp-body", default="", metavar="TEXT", help="its text (default: asked of the provider)")
    run.add_argument(
        "--whatsapp-slot", action="append", default=[], metavar="SLOT=COLUMN", help="what fills its {{SLOT}}"
    )
    run.add_argument("--whatsapp-button", action="append", default=[], metavar="TITLE", help="its buttons, in order")
    run.add_argument("--header-row", type=int, metavar="N", help="row of the column titles (default: found)")
    run.add_argument("--try", type=_rows, dest="first", metavar="N", help="draft only the first N rows, to see how")
    run.add_argument("--approve-all", action="store_true", help="approve every plain draft and send; never Check draft")
    run.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="stay up to so long for answers")
    run.add_argument("--json", action="store_true", help="end with one JSON object on standard output")

    remind = commands.add_parser("remind", help="draft reminders for rows that have not answered, and send them")
    remind.add_argument("workbook")
    remind.add_argument("--sheet", default="", metavar="NAME", help="tab (default: its first visible one)")
    remind.add_argument(
        "--rows", default="", metavar="KEY,...", help="only these rows (default: all without an answer)"
    )
    remind.add_argument(
        "--text", default="", metavar="TEXT", help="the reminder, with {{placeholders}} (default: drafted)"
    )
    remind.add_argument("--approve-all", action="store_true", help="approve every plain draft and send")
    remind.add_argument("--json", action="store_true", help="end with one JSON object on standard output")

    status = commands.add_parser("status", help="how the campaigns of a workbook stand")
    status.add_argument("workbook")
    status.add_argument("--sheet", default="", metavar="NAME", help="tab (default: its first visible one)")
    status.add_argument("--json", action="store_true", help="one JSON object on standard output")

    read = commands.add_parser("interpret", help="try the reader on replies of your own")
    read.add_argument("file", type=Path, help="a .csv file with a column `reply`, and perhaps `question`")
    read.add_argument("--question", default="", metavar="TEXT", help="what was asked")
    read.add_argument(
        "--answers", action="append", default=[], metavar="COLUMN=VALUE|VALUE", help="a column that replies may fill"
    )
    read.add_argument("--json", action="store_true", help="accepted for symmetry: the output is JSON lines anyway")

    calibrate = commands.add_parser("calibrate", help="how far the reader can be trusted, by your own reviews")
    whose = calibrate.add_mutually_exclusive_group()
    whose.add_argument("workbook", nargs="?", default="", help="only the campaigns of this workbook's sheet")
    whose.add_argument("--campaign", default="", metavar="ID", help="only this campaign (default: all reviews)")
    calibrate.add_argument("--sheet", default="", metavar="NAME", help="tab (default: its first visible one)")
    calibrate.add_argument("--plot", type=Path, metavar="FILE.svg", help="write the reliability diagram there")
    calibrate.add_argument("--json", action="store_true", help="one JSON object on standard output")
    calibrate.add_argument(
        "--most-wrong", type=_share, default=0.01, metavar="SHARE", help="of what is sure, at most so many (0.01)"
    )

    addon = commands.add_parser("addon", help="write the Google Sheets add-on, with this backend's address in it")
    addon.add_argument("folder", type=Path, help="where to; made if it is not there")
    addon.add_argument(
        "--backend", default="", metavar="URL", help="where the sidebar finds us (default: PUBLIC_BASE_URL)"
    )
    addon.add_argument("--hint", action="store_true", help="with a trigger that tells of changes (two scopes more)")

    addin = commands.add_parser("addin", help="write the Excel add-in's manifests, with this backend's address in them")
    addin.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to; made if it is not there")
    addin.add_argument("--backend", default="", metavar="URL", help="where Excel finds us (default: PUBLIC_BASE_URL)")
    addin.add_argument("--msal", type=Path, metavar="FILE.tgz", help="install this package from npm, for signing in")

    commands.add_parser("doctor", help="check settings and every outside service, and say what to mend")

    purge = commands.add_parser("purge", help="remove texts and addresses of campaigns that ended long ago")
    purge.add_argument("--days", type=int, metavar="N", help="days since they ended (default: CELLBACK_PURGE_DAYS)")

    commands.add_parser("rotate-key", help="seal everything with a new secret key, so that the old one is not needed")

    export = commands.add_parser("export", help="all that is known about one address, as JSON")
    export.add_argument("address", help="a mail address or a phone number")

    erase = commands.add_parser("erase", help="remove what is known about one address; counts and opt-outs stay")
    erase.add_argument("address", help="a mail address or a phone number")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    return top


def _share(text: str) -> float:
    """More than none, less than half. Raises ArgumentTypeError."""
    with suppress(ValueError):
        if 0.0 < (share := float(text)) < 0.5:
            return share
    raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 0.5, such as 0.01")


def _rows(text: str) -> int:
    """A number of rows. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= MOST_TRIED:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of rows to try: 1 to {MOST_TRIED}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 well, 3 rows need a person, 1 an error, 2 wrong use, 130 interrupted."""
    begin()
    read = parser()
    given = read.parse_args(arguments)
    if given.command == "run" and given.first and (given.approve_all or given.wait):
        read.error("--try only drafts: look at the texts, then run again without it, with --approve-all or --wait")
    try:
        return _command(given)
    except ConfigError as error:
        for fault in error.faults:
            print(f"cellback: {fault}", file=sys.stderr)
    except CellbackError as error:
        print(f"cellback: {error.sentence}", file=sys.stderr)
        for suggestion in getattr(error, "suggestions", ())[:3]:
            if suggestion not in error.sentence:
                print(f"  did you mean “{suggestion}”?", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ncellback: stopped. Nothing is lost: the same command goes on where it was.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    return 1


def _command(given: argparse.Namespace) -> int:
    """Import only what the command needs: `interpret` should not wait for a database library."""
    match given.command:
        case "serve":
            from server.cli.serve import serve

            return serve(given.workbook)
        case "invite":
            from server.cli.invite import invite

            return invite(given.name, given.role, given.days)
        case "run":
            from server.cli.request import Request
            from server.cli.run import run

            return run(Request.of(given))
        case "remind":
            from server.cli.remind import Reminding, remind

            return remind(Reminding.of(given))
        case "status":
            from server.cli.status import show_status

            return show_status(given.workbook, given.sheet, as_json=given.json)
        case "interpret":
            from server.cli.interpret import interpret_file

            return interpret_file(given.file, given.question, given.answers)
        case "calibrate":
            from server.cli.calibrate import calibrate

            return calibrate(
                given.campaign,
                given.workbook,
                given.sheet,
                plot=given.plot,
                as_json=given.json,
                most_wrong=given.most_wrong,
            )
        case "addon":
            from server.cli.addon import addon

            return addon(given.folder, given.backend, hint=given.hint)
        case "addin":
            from server.cli.addin import addin

            return addin(given.out, given.backend, given.msal)
        case "doctor":
            from server.cli.doctor import doctor

            return doctor()
        case "rotate-key":
            from server.cli.rotate import rotate_key

            return rotate_key()
        case "export":
            from server.cli.address import export

            return export(given.address)
        case "erase":
            from server.cli.address import erase

            return erase(given.address, sure=given.yes)
        case _:
            from server.cli.purge import purge

            return purge(given.days)


if __name__ == "__main__":
    forked.allowed = True
    sys.exit(main())
