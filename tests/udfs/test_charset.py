"""Pages in the encodings of the web, declared rightly, wrongly or not at all."""

import os

import pytest

from udfs.sources.charset import decode
from udfs.sources.found import Undecodable

RUSSIAN = "Мост был открыт в 1912 году и соединяет два берега реки. " * 20
CHINESE = "这座桥于1912年通车，连接了河的两岸，今天仍在使用。" * 40
JAPANESE = "これは文字コードの自動判定を確かめるための日本語の文章です。" * 40
GERMAN = "Die Brücke über die Straße – „schön“ und groß – wurde 1912 eröffnet. " * 20
ENCODINGS = [
    (CHINESE, "gb2312"), (CHINESE, "gbk"), (CHINESE, "gb18030"), (RUSSIAN, "windows-1251"), (RUSSIAN, "koi8-r"),
    (JAPANESE, "shift_jis"), (JAPANESE, "euc-jp"), (GERMAN, "windows-1252"), (GERMAN, "utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), ENCODINGS)
@pytest.mark.parametrize("declared", ["header", "meta", "nowhere"])
def test_the_encoding_is_found(text: str, name: str, declared: str) -> None:
    meta = f'<meta charset="{name}">' if declared == "meta" else ""
    page = f"<html><head>{meta}</head><body>{text}</body></html>"
    header = f"text/html; charset={name}" if declared == "header" else "text/html"
    assert decode(page.encode(name), header) == page


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_all(name: str) -> None:
    assert decode(GERMAN.encode(name), "text/html; charset=koi8-r") == GERMAN


def test_utf8_goes_before_a_wrong_declaration() -> None:
    assert decode(GERMAN.encode(), "text/html; charset=iso-8859-1") == GERMAN
    assert decode(GERMAN.encode() + b"\xff", "text/html; charset=iso-8859-1") == GERMAN + "\ufffd"


def test_seven_bits_are_believed_where_declared() -> None:
    assert decode(JAPANESE.encode("iso2022_jp"), "text/html; charset=ISO-2022-JP") == JAPANESE


def test_few_signs_without_declaration_are_windows() -> None:
    text = "A long English text with one ‘quote’. " + "More plain words. " * 200
    assert decode(text.encode("cp1252"), None) == text


@pytest.mark.parametrize("name", ["no-such-charset", "hex", "utf-7", "", "unicode_escape"])
def test_what_is_no_charset_is_passed_over(name: str) -> None:
    assert decode(b"plain \\u0041 +AGE-", f"text/html; charset={name}") == "plain \\u0041 +AGE-"


def test_a_declaration_of_blanks_alone_names_no_charset() -> None:
    blanks = " " * 2_000_000
    assert decode(b"plain", f"text/html; charset={blanks}") == "plain"
    assert decode(b"plain", f"text/html; charset{blanks}= '{blanks}koi8-r'") == "plain"
    assert decode(f"<meta charset={blanks}>".encode(), None) == f"<meta charset={blanks}>"


@pytest.mark.parametrize("header", [None, "text/html; charset=utf-8", "text/html; charset=windows-1252"])
def test_bytes_that_are_no_text_say_so(header: str | None) -> None:
    with pytest.raises(Undecodable, match=r"\d+ of \d+ characters"):
        decode(os.urandom(5000), header)


def test_line_ends_are_line_feeds() -> None:
    assert decode(b"a\r\nb\rc\n", None) == "a\nb\nc\n"
