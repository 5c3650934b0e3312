"""`run` beside a Cellback that runs already in its data folder: what it says, how it ends, who hears how often."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.books import book, column, contestants
from tests.cli.conftest import Joined
from tests.cli.processes import run_arguments
from tests.emulators.smtp import Script, SmtpSink
from tests.waiting import until

BEGUN = (
    "--template",
    "Hi {{Name}}, {{Start time}}.",
    "--subject",
    "Your start",
    "--answers",
    "Coming=Yes|No",
    "--json",
)
MAIL = ("--channel", "email")


def received(sink: SmtpSink) -> Counter[str]:
    return Counter(mail.recipient for mail in sink.mails)


def test_it_works_with_what_runs_already(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    ended = joined.campaign(path)
    assert (ended.code, ended.status) == (0, {"Sent": 2})
    assert "Working with the Cellback that runs already" in ended.err


def test_without_approval_it_stops_after_drafting(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    ended = joined.run("run", path, "--template", "Hi {{Name}}, {{Start time}}.", "--json")
    assert (ended.code, ended.status) == (0, {"Draft": 2})
    assert column(path, "Message") == ["Hi Person 0, 09:00.", "Hi Person 1, 09:01."]


def test_it_exits_with_3_when_rows_need_a_person(joined: Joined, tmp_path: Path) -> None:
    rows = [["Ana", "ana@example.org", "09:40"], ["Ben", "", "09:45"], ["Ana", "ana@example.org", "09:50"]]
    path = book(tmp_path / "a.xlsx", ["Name", "Email", "Start time"], rows)
    ended = joined.campaign(path)
    assert (ended.code, ended.status) == (3, {"Sent": 1, "No address": 1, "Duplicate": 1})
    assert joined.run("status", path, "--json").json == ended.json


def test_it_says_which_options_change_nothing_any_more(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    begun = joined.run("run", path, *BEGUN)
    again = joined.run("run", path, *BEGUN)
    assert "begun with other" not in again.err
    others = ("--subject", "Another", "--answers", "Coming=Yes|No|Maybe", "--rows", "all")
    other = joined.run("run", path, *BEGUN[:2], *others, "--json")
    assert "begun with other --subject and --answers and --rows" in other.err
    assert begun.json == again.json == other.json


def test_it_refuses_to_send_where_nobody_listens_and_goes_on_later(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 3)
    there = joined.settings["SMTP_URL"]
    with SmtpSink() as gone:
        joined.settings["SMTP_URL"] = gone.url
    ended = joined.campaign(path, *MAIL)
    assert (ended.code, ended.status) == (1, {"Approved": 3})
    assert "can't be reached" in ended.err
    assert not joined.sink.mails
    joined.settings["SMTP_URL"] = there
    assert joined.campaign(path, *MAIL).code == 0
    assert sorted(received(joined.sink).values()) == [1, 1, 1]


def test_a_lost_reply_after_the_final_dot_is_in_doubt_and_never_repeated(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 6)
    joined.sink.script = Script(drop="accepted", faults=2)
    ended = joined.campaign(path, *MAIL)
    assert (ended.code, ended.status) == (3, {"Sent": 4, "In doubt": 2})
    assert joined.campaign(path, *MAIL).status == ended.status
    assert set(received(joined.sink).values()) == {1}


def test_it_tries_again_within_seconds_when_it_is_refused_for_now(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 4)
    joined.sink.script = Script(greylist=True)
    ended = joined.campaign(path, *MAIL)
    assert (ended.code, ended.status) == (0, {"Sent": 4})
    assert set(received(joined.sink).values()) == {1}


def test_a_second_run_of_the_same_campaign_says_that_the_first_is_at_work(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 40)
    joined.sink.script = Script(final_delay=1.0)
    first = joined.beside().start(*run_arguments(path, *MAIL))
    until(lambda: len(joined.sink.mails) >= 1, 40, "mails to arrive")
    second = joined.campaign(path, *MAIL)
    joined.sink.script = Script()
    first.communicate(timeout=60)
    assert (second.code, "being run just now" in second.err) == (1, True)
    assert first.returncode == 0
    assert set(received(joined.sink).values()) == {1}
