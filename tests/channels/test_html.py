"""Text to HTML for mails we send, HTML to text for mails that come."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from server.channels.html import as_html, as_text
from server.domain.visible import split


def shown(page: Any) -> str:
    """The words of a page."""
    return str(page.find("body").text_content())


def test_it_makes_paragraphs_and_line_breaks() -> None:
    body = as_html("Hi Ana,\n\nyou start at 10:20.\nIs that ok?\n")
    assert '<p dir="auto">Hi Ana,</p>' in body
    assert "you start at 10:20.<br>\nIs that ok?</p>" in body


@pytest.mark.parametrize(
    "text", ["<script>x()</script>", "<img src=x onerror=y>", '"><a href="javascript:x">', "&lt;b&gt;"]
)
def test_it_shows_markup_as_the_text_that_it_is(text: str) -> None:
    page = lxml_html.fromstring(as_html(text))
    assert shown(page).strip() == text
    assert {element.tag for element in page.iter()} <= {"html", "head", "meta", "body", "p", "br"}


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://a.example/x?a=1&b=2.", "https://a.example/x?a=1&b=2"),
        ("(http://a.example)", "http://a.example"),
        ("https://a.example/x_(y) there", "https://a.example/x_(y)"),
        ("“https://a.example/ü”", "https://a.example/ü"),
        ("https://a.example/\"onmouseover='x()'", "https://a.example/"),
    ],
)
def test_it_lets_a_plain_link_be_clicked(text: str, link: str) -> None:
    page = lxml_html.fromstring(as_html(text))
    [anchor] = page.iter("a")
    assert anchor.items() == [("href", link)]
    assert anchor.text == link
    assert shown(page).strip() == text


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "ftp://a.example", "www.example.org", "a@example.org", "https://"]
)
def test_it_makes_no_other_links(text: str) -> None:
    assert "<a" not in as_html(text)


@given(st.text(max_size=300))
def test_it_escapes_everything_and_loses_nothing(text: str) -> None:
    body = as_html(text)
    assert set(re.findall(r"</?([a-z0-9]+)", body)) <= {"html", "head", "meta", "body", "p", "br", "a"}
    text_shown = shown(lxml_html.fromstring(body))
    words = "".join(char for char in text if char.isprintable() and not char.isspace())
    assert "".join(char for char in text_shown if char.isprintable() and not char.isspace()) == words


def test_it_keeps_spaces_that_lay_something_out() -> None:
    assert "10:00\u00a0\u00a0\u00a0Ana" in as_html("10:00   Ana")


MAILS = {
    "gmail": '<div dir="ltr">Yes</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "ב-יום ב׳ 4 במאי Races כתב:<br></div>"
    '<blockquote style="margin:0px;border-left:1px">Hello Ana<div>You start</div></blockquote></div>',
    "apple": '<html><body dir="auto">Yes<br><div><br><blockquote type="cite"><div>On 4 May 2026, Races wrote:</div>'
    '<br></blockquote></div><blockquote type="cite"><div>Hello Ana</div></blockquote></body></html>',
    "thunderbird": '<p>Yes</p><div class="moz-cite-prefix">Am 04.05.26 um 10:00 schrieb Races:<br></div>'
    '<blockquote type="cite" cite="mid:x"><pre>Hello Ana\n  You start at 09:40.</pre></blockquote>',
    "yahoo": '<div>Yes</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday, Races wrote:</div>'
    "<div>Hello Ana</div></div>",
    "proton": '<div>Yes</div><div class="protonmail_quote">On Monday wrote:<br><blockquote>Hello</blockquote></div>',
    "outlook": '<div class="WordSection1"><p class="MsoNormal">Yes<o:p></o:p></p><div style="border:none">'
    "<p><b>From:</b> Races<br><b>Sent:</b> Monday, 4 May 2026 10:00<br><b>To:</b> Ana<br><b>Subject:</b> "
    "Start</p></div><p>Hello Ana</p></div>",
    "outlook web": '<div>Yes</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Von:</b> Races<br>'
    "<b>Gesendet:</b> Montag, 4. Mai 2026<br><b>An:</b> Ana<br><b>Betreff:</b> Start</div><div>Hello Ana</div>",
}


@pytest.mark.parametrize("program", MAILS)
def test_it_marks_what_each_mail_program_quotes(program: str) -> None:
    parts = split(as_text(MAILS[program]))
    assert parts.visible == "Yes"
    assert "Hello" in parts.quoted


def test_it_keeps_answers_between_the_quoted_parts() -> None:
    quotes = "<blockquote>09:40?</blockquote><div>fine</div><blockquote>Bring water.</blockquote>"
    html = f'<div class="gmail_quote">{quotes}</div>'
    assert split(as_text(html)).visible == "fine"


def test_it_takes_an_indented_answer_for_an_answer() -> None:
    html = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>Yes, Friday</div></blockquote>'
    assert as_text(html) == "Yes, Friday"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b<div>c</div>d<p>e</p>", "a\nb\nc\nd\n\ne"),
        ("<p>a  \n b</p>", "a b"),
        ("<ul><li>Yes<li>No</ul>", "- Yes\n- No"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<style>x</style><script>y</script><title>t</title><!-- c -->z", "z"),
        ('a<span style="display: none">hidden</span>b<i hidden>x</i>c', "abc"),
        ('<a href="https://evil.example">click</a>', "click"),
        ('Ok <img alt="👍" src="x"><img alt="Logo of us">', "Ok 👍"),
        ("a &lt;b&gt; &amp; &nbsp;c", "a <b> & c"),
        ("just text", "just text"),
        ("", ""),
        ("\x00\ud800", ""),
    ],
)
def test_it_reads_what_a_reader_sees(html: str, text: str) -> None:
    assert as_text(html) == text


@pytest.mark.parametrize(
    "piece", ["<div>", "<blockquote>", "<", "<a b='", "<br>", "&", "<table><tr><td>", "<!--", "<![CDATA["]
)
def test_it_never_hangs(piece: str) -> None:
    began = time.process_time()
    as_text(piece * 50_000)
    assert time.process_time() - began < 2


@given(st.text(alphabet="<>/abdivbr =\"'&;!-\x00é\n", max_size=200))
def test_it_reads_anything(html: str) -> None:
    assert isinstance(as_text(html), str)
