"""Files that are no workbooks, that others have open, that may not be written, that change underneath."""

from __future__ import annotations

import fcntl
import os
import random
import stat
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook

from server.domain.table import CellEdit
from server.errors import CellbackError, InvalidInput, NotFound, PermanentError, SheetChanged, SheetUnavailable
from server.sheets import files
from server.sheets.ooxml import archive
from server.sheets.xlsx import XlsxSheet
from tests.contracts.sheet import shown
from tests.sheets.books import SHEET, hand_made, rewrite, sheet_xml, texts

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    book = Workbook()
    book.worksheets[0].append(["Name"])
    book.worksheets[0].append(["Ann"])
    book.save(tmp_path / "people.xlsx")
    return tmp_path / "people.xlsx"


def write(sheet: XlsxSheet, value: str = "Anne") -> None:
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 0, value)])


def zipped(path: Path, **names: bytes) -> bytes:
    with zipfile.ZipFile(path, "w") as target:
        for name, content in names.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path.read_bytes()


class TestNoWorkbook:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "is empty"),
            (b"Name;Mail\nAnn;ann@example.org\n", "is not an Excel workbook.*name it .csv"),
            (b"\x89PNG\r\n", "is not an Excel workbook"),
            (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
            (OLE + "Workbook".encode("utf-16-le"), r"old \.xls workbook.*save it as \.xlsx"),
            (b"PK\x03\x04 and nothing more", "damaged or not complete"),
        ],
    )
    def test_it_says_what_the_file_is_and_what_to_do(self, path: Path, content: bytes, words: str) -> None:
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match=words) as refused:
            XlsxSheet(path)
        assert refused.value.sentence.startswith("people.xlsx ")

    @pytest.mark.parametrize(
        ("names", "words"),
        [
            ({"xl__workbook_dot_bin": b"", "_rels___dot_rels": b""}, "binary workbook"),
            ({"content_dot_xml": b"", "mimetype": b"application/vnd.oasis"}, "OpenDocument"),
            ({"photo_dot_jpg": b""}, "not a workbook"),
            ({"_rels___dot_rels": b"<Relationships/>", "word__document_dot_xml": b""}, "not a workbook"),
            ({"_rels___dot_rels": b"<Relationsh"}, "damaged"),
        ],
    )
    def test_it_tells_other_zip_files_apart(self, path: Path, names: dict[str, bytes], words: str) -> None:
        zipped(path, **names)
        with pytest.raises(InvalidInput, match=words):
            XlsxSheet(path)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
    def test_it_refuses_a_file_that_was_cut_off(self, path: Path, share: float) -> None:
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(InvalidInput, match="damaged or not complete"):
            XlsxSheet(path).read()

    def test_it_refuses_damaged_bytes_inside(self, path: Path) -> None:
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as source:
            place = source.getinfo(SHEET).header_offset + 60
        data[place : place + 30] = bytes(30)
        path.write_bytes(data)
        with pytest.raises(InvalidInput, match="damaged"):
            XlsxSheet(path).read()

    @pytest.mark.parametrize(
        "declared", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">', "<!DOCTYPE a>"]
    )
    @pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
    def test_it_takes_no_document_types(self, tmp_path: Path, declared: str, part: str) -> None:
        path = hand_made(
            tmp_path / "a.xlsx", sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), shared=["<t/>"]
        )

        def change(content: bytes) -> bytes:
            return (
                declared.encode() + content.partition(b"?>\n")[2]
                if content.startswith(b"<?xml")
                else (declared.encode() + content)
            )

        rewrite(path, {part: change})
        with pytest.raises(InvalidInput, match="damaged"):
            XlsxSheet(path).read()

    def test_it_refuses_a_bomb_before_unpacking_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "LIMIT_PART", 2**20)
        rows = texts(1, "Name") + texts(2, "x" * 2**21)
        with pytest.raises(InvalidInput, match="holds more than 1 MB"):
            XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()

    @pytest.mark.parametrize(
        "rows",
        [
            '<row r="2"><c r="A2"><v>x</v></c></row>',
            '<row r="2"><c r="A2"><v>NaN</v></c></row>',
            '<row r="two"><c r="A2"><v>1</v></c></row>',
            texts(2, "Ann") + texts(2, "Bob"),
        ],
    )
    def test_it_refuses_rows_that_make_no_sense(self, tmp_path: Path, rows: str) -> None:
        with pytest.raises(InvalidInput, match="damaged"):
            XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(texts(1, "Name") + rows))).read()

    def test_whatever_is_wrong_with_its_bytes_it_says_so_in_words(self, path: Path) -> None:
        """Bytes changed at random places of a sound file: it is read, or refused with a sentence."""
        sound, chance = path.read_bytes(), random.Random(2027)
        for _ in range(150):
            data = bytearray(sound)
            for _ in range(chance.randint(1, 5)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(data)
            with suppress(CellbackError):
                XlsxSheet(path).read()

    def test_it_refuses_a_shared_text_that_is_not_there(self, tmp_path: Path) -> None:
        rows = texts(1, "Name") + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>'
        with pytest.raises(InvalidInput, match="damaged"):
            XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()

    def test_it_says_when_there_is_no_file(self, path: Path) -> None:
        sheet = XlsxSheet(path)
        path.unlink()
        for call in (sheet.read, sheet.version, lambda: XlsxSheet(path), lambda: XlsxSheet(path.parent)):
            with pytest.raises(NotFound):
                call()


class TestOpenElsewhere:
    EXCEL = b"\x09Ann Bruun".ljust(55) + b"\x09\x00" + "Ann Bruun".encode("utf-16-le").ljust(108)

    @pytest.mark.parametrize(
        ("marker", "content", "who"),
        [
            ("~$people.xlsx", EXCEL, r"open in Excel \(Ann Bruun\)"),
            ("~$people.xlsx", b"", "open in Excel. Close"),
            (
                ".~lock.people.xlsx#",
                b"Ann Bruun,ann,host,01.06.2027 10:00,file:///x;",
                r"open in LibreOffice \(Ann Bruun\)",
            ),
            (".~lock.people.xlsx#", b",ann,host,01.06.2027 10:00,file:///x;", r"open in LibreOffice \(ann\)"),
        ],
    )
    def test_it_reads_but_does_not_write_and_says_who(self, path: Path, marker: str, content: bytes, who: str) -> None:
        path.with_name(marker).write_bytes(content)
        sheet, before = XlsxSheet(path), path.read_bytes()
        assert shown(sheet.read()) == [["Ann"]]
        with pytest.raises(SheetUnavailable, match=who) as refused:
            write(sheet)
        assert marker in refused.value.sentence
        assert path.read_bytes() == before
        path.with_name(marker).unlink()
        write(sheet)
        assert shown(sheet.read()) == [["Anne"]]

    def test_our_own_processes_take_turns(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
        other = os.open(path.parent, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SheetUnavailable, match="another Cellback process"):
            write(XlsxSheet(path))
        os.close(other)
        write(XlsxSheet(path))

    def test_of_many_writers_at_once_each_change_lands_or_is_refused(self, path: Path) -> None:
        outcomes: list[str] = []

        def change(number: int) -> None:
            sheet = XlsxSheet(path)
            table = sheet.read()
            try:
                sheet.apply(table, [CellEdit(table.rows[0], 0, f"{table.rows[0].shown(0)}{number}")])
                outcomes.append(str(number))
            except SheetChanged:
                outcomes.append("")

        threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(shown(XlsxSheet(path).read())[0][0].removeprefix("Ann")) == sorted("".join(outcomes))
        assert len(outcomes) == 8


class TestReadOnly:
    def test_a_read_only_file_is_refused_for_good_in_words(self, path: Path) -> None:
        path.chmod(0o444)
        with pytest.raises(PermanentError, match=r"people\.xlsx is read-only") as refused:
            write(XlsxSheet(path))
        assert refused.value.whole_campaign

    def test_a_read_only_folder_is_refused_for_good_in_words(self, path: Path) -> None:
        path.parent.chmod(0o555)
        try:
            with pytest.raises(PermanentError, match=r"folder of people\.xlsx is read-only"):
                write(XlsxSheet(path))
        finally:
            path.parent.chmod(0o755)

    @pytest.mark.parametrize(
        ("number", "words"), [(28, "the disk is full"), (13, "another program has it open"), (30, "read-only")]
    )
    def test_a_failing_disk_leaves_the_file_as_it_was(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
    ) -> None:
        def fail(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        before = path.read_bytes()
        monkeypatch.setattr(files.os, "replace", fail)
        with pytest.raises(SheetUnavailable, match=f"{words}.*as it was"):
            write(XlsxSheet(path))
        assert path.read_bytes() == before
        assert [entry.name for entry in path.parent.iterdir()] == ["people.xlsx"]


class TestReplacing:
    def test_mode_owner_and_attributes_stay_and_nothing_is_left_behind(self, path: Path) -> None:
        path.chmod(0o640)
        known = path.stat()
        write(XlsxSheet(path))
        now = path.stat()
        assert stat.S_IMODE(now.st_mode) == 0o640
        assert (now.st_uid, now.st_gid) == (known.st_uid, known.st_gid)
        assert now.st_mtime_ns >= known.st_mtime_ns
        assert [entry.name for entry in path.parent.iterdir()] == ["people.xlsx"]

    def test_a_link_keeps_pointing_to_the_file(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.xlsx"
        link.symlink_to(path)
        write(XlsxSheet(link))
        assert link.is_symlink()
        assert shown(XlsxSheet(path).read()) == [["Anne"]]

    def test_who_has_the_old_file_open_keeps_reading_it(self, path: Path) -> None:
        before = path.read_bytes()
        with path.open("rb") as reader:
            write(XlsxSheet(path))
            assert reader.read() == before

    def test_a_backup_is_made_once_when_asked_for(self, path: Path, tmp_path: Path) -> None:
        before, folder = path.read_bytes(), tmp_path / "backups"
        write(XlsxSheet(path, backup_dir=folder))
        write(XlsxSheet(path, backup_dir=folder), "Annie")
        assert [entry.read_bytes() for entry in folder.iterdir()] == [before]

    def test_without_its_backup_nothing_is_changed(self, path: Path, tmp_path: Path) -> None:
        before, blocked = path.read_bytes(), tmp_path / "blocked"
        blocked.write_text("no folder")
        with pytest.raises(SheetUnavailable, match="No backup"):
            write(XlsxSheet(path, backup_dir=blocked))
        assert path.read_bytes() == before


class TestChangedUnderneath:
    def test_a_change_of_the_same_size_and_time_is_noticed(self, path: Path) -> None:
        long_ago = (10**18, 10**18)
        os.utime(path, ns=long_ago)
        sheet = XlsxSheet(path)
        table = sheet.read()
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as source:
            data[source.getinfo(SHEET).header_offset + 10] ^= 1  # the time of a member
        path.write_bytes(data)
        os.utime(path, ns=long_ago)
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(table.rows[0], 0, "Anne")])

    def test_a_change_within_the_same_tick_of_the_clock_shows_in_the_version(self, path: Path) -> None:
        sheet = XlsxSheet(path)
        before, known = sheet.version(), path.stat()
        data = bytearray(path.read_bytes())
        data[10] ^= 1
        with path.open("r+b") as file:
            file.write(data)
        os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
        assert files.stamp(path) == (known.st_mtime_ns, known.st_size, known.st_ino)
        assert sheet.version() != before

    def test_a_change_in_the_last_moment_is_noticed(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        sheet = XlsxSheet(path)
        table, load = sheet.read(), files.load

        def load_just_before_somebody_saves(target: Path) -> tuple[bytes, files.Stamp]:
            found = load(target)
            path.write_bytes(b"somebody saved meanwhile")
            return found

        monkeypatch.setattr(files, "load", load_just_before_somebody_saves)
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(table.rows[0], 0, "Anne")])
        assert path.read_bytes() == b"somebody saved meanwhile"

    def test_a_sound_file_that_is_half_saved_is_waited_for_and_then_refused(self, path: Path) -> None:
        sheet, whole = XlsxSheet(path), path.read_bytes()
        before = sheet.read()
        path.write_bytes(whole[:2000])
        with pytest.raises(SheetUnavailable, match="being saved"):
            sheet.read()
        os.utime(path, ns=(10**18, 10**18))
        with pytest.raises(InvalidInput, match="damaged"):
            sheet.read()
        path.write_bytes(whole)
        assert sheet.read() == before

    def test_a_file_deleted_meanwhile_is_not_written_anew(self, path: Path) -> None:
        sheet = XlsxSheet(path)
        table = sheet.read()
        path.unlink()
        with pytest.raises(NotFound):
            sheet.apply(table, [CellEdit(table.rows[0], 0, "Anne")])
        assert not path.exists()

    def test_a_table_of_another_sheet_is_refused(self, path: Path, tmp_path: Path) -> None:
        other = hand_made(tmp_path / "other.xlsx", sheet_xml(texts(1, "Name") + texts(2, "Ann")))
        table = XlsxSheet(other).read()
        with pytest.raises(ValueError, match="another sheet"):
            XlsxSheet(path).apply(table, [CellEdit(table.rows[0], 0, "x")])


def test_its_errors_are_whole_sentences_without_paths(path: Path) -> None:
    path.write_bytes(b"text")
    with pytest.raises(CellbackError) as refused:
        XlsxSheet(path)
    assert str(path.parent) not in refused.value.sentence
    assert refused.value.sentence.endswith(".")
