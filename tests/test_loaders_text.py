"""The pure parts of the loaders: cleaning, decoding, repair of PDF text, HTML and rows as text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.loaders.html import text_of
from ert_core.loaders.markdown_tables import with_readable_tables
from ert_core.loaders.pdf_text import repair_pages
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.rows import Cell, table_text
from ert_core.loaders.text import clean, decode
from ert_core.loaders.xlsx import shown_value


@given(st.text(st.characters(codec=None)))
def test_cleaning_is_done_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\r\0\xad\ufeff\u202e\u2066\ufb01")
    once.encode("utf-8")


def test_cleaning_keeps_what_carries_meaning() -> None:
    assert clean("e\u0301te\u0301\r\nﬁn\ttrait\xadd'union\x0cpage\u202e2\0") == "été\nfin\ttraitd'union\npage2"
    kept = "12\u202f000\xa0m³ ½ Ω·m 👩\u200d🔬 حبيبي"
    assert clean(kept) == unicodedata.normalize("NFC", kept)


@given(
    st.lists(st.sampled_from(["a", "\u0301", "\u0323" * 16, "\u0f73" * 9, "\u0958", "\u3042", "e\u0301 "])).map("".join)
)
def test_a_letter_keeps_as_many_marks_as_any_script_sets(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not re.search("[\u0301\u0323\u0f71\u0f72]{31}", once)
    assert clean("a" + "\u0323" * 30 + "b") == "ạ" + "\u0323" * 29 + "b"


@given(st.text(st.sampled_from("aàâçéèêëîïôùûœ «»’–€ \nbcdEst,."), min_size=1, max_size=40).filter(lambda t: "a" in t))
def test_french_in_windows_1252_is_read_back_or_kept_readable(text: str) -> None:
    padded = f"Le relevé du site est joint à la présente note, {text}. Il a été contrôlé par un géophysicien."
    assert decode(padded.encode("cp1252")) == padded
    assert decode(padded.encode()) == padded


def test_other_encodings_are_detected_or_declared() -> None:
    russian = "Электрическая томография показывает строение грунта на глубине до сорока метров. " * 5
    assert decode(russian.encode("cp1251")) == russian
    assert decode("Łódź".encode("iso8859-2"), "iso-8859-2") == "Łódź"
    assert decode("été".encode("cp1252"), "no-such-encoding") == "été"


@pytest.mark.parametrize("content", [b"\0" * 50, bytes(range(256)) * 4, b"\x01\x02\x03" * 20])
def test_bytes_that_are_no_text(content: bytes) -> None:
    with pytest.raises(RefusedError, match="file_binary"):
        decode(content)


def test_a_stray_control_character_is_no_reason_to_refuse() -> None:
    assert clean(decode(b"un \0deux\x07")) == "un deux"


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("l'épais\ufffeseur", "l'épaisseur"),
        ("l'épais\x02seur", "l'épaisseur"),
        ("l'épais-\r\nseur", "l'épaisseur"),
        ("l'épais\xad\nseur", "l'épaisseur"),
        ("Schwarz\ufffeWeiß", "Schwarz-Weiß"),
        ("de 10\ufffe20 m", "de 10-20 m"),
        ("peut\ufffeêtre", "peut-être"),
        ("c'est-à\ufffedire", "c'est-à-dire"),
        ("celui\ufffeci", "celui-ci"),
        ("existe-t\ufffeil", "existe-t-il"),
        ("sous-sol et sous\ufffesol", "sous-sol et sous-sol"),
        ("souscrire et sous\ufffecrire", "souscrire et souscrire"),
        ("A -\nB", "A -\nB"),
        ("pages 3-\n4", "pages 3-4"),
        ("de 10–\n20 m", "de 10–20 m"),
        ("de 10 -\n20 m", "de 10 -\n20 m"),
        ("an X-\nray", "an X-ray"),
        ("l'af\uf001nage de \uf732\uf730 m", "l'affinage de 20 m"),
        ("G´en´eral `a la fa¸cade", "Général à la façade"),
        ("le `code` reste", "le `code` reste"),
        ("\uf0b7 point\n\uf0a7 autre", "• point\n• autre"),
        ("12 \uf057\uf0d7m, \uf072 = 3 \uf06dm", "12 Ω·m, ρ = 3 μm"),
        ("a\x04\n\x0c\nb", "a\n\nb"),
        ("  trop   d'espaces  \nici", "trop d'espaces\nici"),
    ],
)
def test_pdf_text_is_repaired(raw: str, repaired: str) -> None:
    assert repair_pages([raw]) == [repaired]


def test_what_one_page_writes_decides_for_another() -> None:
    assert repair_pages(["un sous-sol", "le sous\ufffesol"])[1] == "le sous-sol"


@given(st.lists(st.text(st.sampled_from("ab-\ufffe\x02\n é'1A"))))
def test_repair_gives_every_page_back(pages: list[str]) -> None:
    repaired = repair_pages(pages)
    assert len(repaired) == len(pages)
    letters = [[c for c in page if c.isalnum()] for page in pages]
    assert [[c for c in page if c.isalnum()] for page in repaired] == letters


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<h2>Titre</h2><p>Un <b>mot</b>\n  clé</p><p>Deux</p>", "## Titre\n\nUn mot clé\n\nDeux"),
        ("<ul><li>un<ul><li>dedans</li></ul></li><li><p>deux</p></li></ul>", "- un\n  - dedans\n- deux"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<p>x</p><ul><li>a</li></ul><p>y</p>", "x\n\n- a\n\ny"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1<td>2</tr></table>", "A: 1 | B: 2"),
        ("<table><tr><td>a|b</td><td><p>c</p><p>d</p></td></tr></table>", "a/b | c d"),
        ("a<br>b", "a\nb"),
        ("<pre>  x = 1\n    y</pre>", "  x = 1\n    y"),
        ("12 m<sup>2</sup>, 10<sup>-3</sup>, H<sub>2</sub>O, 1<sup>er</sup>", "12 m², 10⁻³, H2O, 1er"),
        ("<a href='https://x.test/'>lien</a> <img src='https://x.test/a.png' alt='carte'>", "lien carte"),
        ("<nav>menu</nav><script>x()</script><style>p{}</style><p>corps</p><!-- non -->", "corps"),
        ("<p style='display: none'>caché</p><p hidden>caché</p><p>vu</p>suite", "vu\n\nsuite"),
        ("<title>Le titre</title><p>corps</p>", "# Le titre\n\ncorps"),
        ("<title>Le titre</title><h1>Autre</h1>", "# Autre"),
        ("a &lt;script&gt; &eacute;", "a <script> é"),
        ("", ""),
        ("<div></div>", ""),
    ],
)
def test_html_as_text(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<table><caption>Forages</caption><tr><th>Forage<th>Profondeur</tr><tr><td>F1<td>31 m</tr></table><p>Fin.",
            "Forages\nForage: F1 | Profondeur: 31 m\n\nFin.",
        ),
        # keys and values, with and without headings
        ("<table><tr><td>Client<td>Mairie</tr><tr><td>Date<td>mars</tr></table>", "- Client: Mairie.\n- Date: mars."),
        ("<table><tr><th>Client<td>Mairie</tr><tr><th>Lieu<td>Pau</tr></table>", "- Client: Mairie.\n- Lieu: Pau."),
        # what spans rows or columns holds in each of them
        (
            "<table><tr><th>Zone<th>Cote<th>Eau</tr><tr><td rowspan=2>nord<td>1<td>a</tr><tr><td>2<td>b</tr></table>",
            "Zone: nord | Cote: 1 | Eau: a\nZone: nord | Cote: 2 | Eau: b",
        ),
        (
            "<table><tr><th rowspan=2>Site<th colspan=2>Nappe</tr><tr><th>haute<th>basse</tr>"
            "<tr><td>S1<td>3<td>5</tr></table>",
            "Site: S1 | Nappe haute: 3 | Nappe basse: 5",
        ),
        ("<table><tr><td colspan=99999>a<td>b</tr></table>", "a | b"),
        # numbers have no header
        ("<table><tr><td>1<td>2<td>3</tr><tr><td>4<td>5<td>6</tr></table>", "1 | 2 | 3\n4 | 5 | 6"),
        ("<table><tr><td>Un texte</tr><tr><td>mis en page</tr></table>", "Un texte\n\nmis en page"),
        ("<table><tr><td>a<table><tr><td>b<td>c</tr></table></td><td>d</tr></table>", "a b ; c | d"),
        ("<tr><td>a<td>b", "a | b"),
    ],
)
def test_tables_of_html_can_be_understood_row_by_row(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("| A | B |\n|---|:-:|\n| 1 | x \\| y |\n| 2 |  |\n\nfin", "A: 1 | B: x / y\n- A: 2.\n\nfin"),
        ("A | B\n--|--\n1 | 2", "A: 1 | B: 2"),
        ("```\n| A | B |\n|---|---|\n| 1 | 2 |\n```", "```\n| A | B |\n|---|---|\n| 1 | 2 |\n```"),
        ("a | b\nc | d", "a | b\nc | d"),
        ("| A | B |\n|---|\n| 1 | 2 |", "| A | B |\n|---|\n| 1 | 2 |"),
        ("| A | B |\n|---|---|", "| A | B |\n|---|---|"),
        ("une phrase\n---\nune autre", "une phrase\n---\nune autre"),
    ],
)
def test_tables_of_markdown(source: str, text: str) -> None:
    assert with_readable_tables(source) == text


@given(st.text(st.sampled_from("|-:a \n`\\"), max_size=60))
def test_markdown_loses_no_letter(source: str) -> None:
    assert with_readable_tables(source).count("a") >= source.count("a") or "-" in source


@given(st.text(st.sampled_from("<>/ abtrdhulipe1=\"'&;!-\n"), max_size=200))
def test_any_tag_soup_gives_text(source: str) -> None:
    assert isinstance(text_of(source), str)


@given(st.lists(st.sampled_from(["un", "deux", "<", "&", "é"]), min_size=1))
def test_no_word_of_a_paragraph_is_lost(words: list[str]) -> None:
    from html import escape

    source = " ".join(f"<b>{escape(w)}</b>" if n % 2 else escape(w) for n, w in enumerate(words))
    assert text_of(f"<p>{source}</p>").split() == words


def cells(*rows: str) -> list[list[Cell]]:
    return [[Cell(v.strip(), bool(v.strip()) and not v.strip().isdigit()) for v in row.split("|")] for row in rows]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (("a|b", "1|2", "3|"), "a: 1 | b: 2\n- a: 3."),
        (("1|2", "3|4"), "1 | 2\n3 | 4"),
        (("Relevé", "", "a|b", "1|2"), "Relevé\n\na: 1 | b: 2"),
        (("site|2022|2023", "nord|1|2"), "site: nord | 2022: 1 | 2023: 2"),
        (("a|b", "1|2", "", "c|d", "3|4"), "a: 1 | b: 2\n\nc: 3 | d: 4"),
        (("a|b",), "a | b"),
        (("a|b", "x|fin."), "a: x | b: fin."),
        (("|b", "1|2"), "b\n1 | 2"),
        ((), ""),
    ],
)
def test_rows_can_be_understood_alone(rows: tuple[str, ...], text: str) -> None:
    assert table_text(cells(*rows), 1000) == text


def test_a_header_repeated_in_each_row_is_refused_once_it_is_too_much() -> None:
    rows = ["a" * 90 + "|b", *["1|2"] * 10]
    assert len(table_text(cells(*rows), 1000)) > 900
    with pytest.raises(RefusedError, match="limit_output"):
        table_text(cells(*rows), 900)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (12.0, "", "12"),
        (0.1 + 0.2, "", "0.3"),
        (1e-5, "", "0.00001"),
        (123456789012, "", "123456789012"),
        (0.125, "0.0%", "12.5 %"),
        (True, "", "TRUE"),
        (-3, "", "-3"),
        (1e300, "", "1e+300"),
    ],
)
def test_numbers_without_noise(value: object, number_format: str, shown: str) -> None:
    assert shown_value(value, number_format) == shown
