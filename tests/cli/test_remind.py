"""`remind`: who has not answered is written to again, once, as `run` does it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.books import column, contestants
from tests.cli.conftest import Joined

MAIL = ("--channel", "email")


def test_it_reminds_everybody_who_has_not_answered_once(joined: Joined, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 3)
    assert joined.run("remind", path).code == 1  # nobody was written to yet
    begun = joined.campaign(path, *MAIL)
    assert (begun.code, begun.status) == (0, {"Sent": 3})
    drafted = joined.run("remind", path, "--text", "{{Name}}, please answer.", "--json")
    assert (drafted.code, drafted.status) == (0, {"Draft": 3})
    assert "3 rows are to be reminded." in drafted.err
    assert column(path, "Message") == [f"Person {number}, please answer." for number in range(3)]
    assert len(joined.sink.mails) == 3
    for _ in range(2):  # as after a crash: repeating it reminds nobody twice
        sent = joined.run("remind", path, "--approve-all", "--json")
        assert (sent.code, sent.status) == (0, {"Sent": 3})
        assert set(Counter(mail.recipient for mail in joined.sink.mails).values()) == {2}
    assert sent.json["rows"] == 3
    again = joined.run("run", path, *MAIL, "--template", "Other", "--rows", "r_nobody")
    assert again.code == 1
