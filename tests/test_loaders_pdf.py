"""PDF pages as a person reads them: tables, columns, running lines, footnotes, words that the page tears apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.loaders import load
from ert_core.loaders.pdf_lines import Glyph, Line
from ert_core.loaders.pdf_running_lines import PlacedPage, without_running_lines
from ert_core.loaders.pdf_tables import arranged
from tests import loaders_files as files

Placed = tuple[float, float, float, str]  # x, y and letter size in points


def page(*texts: Placed) -> bytes:
    """A content stream that draws each text at its place, in the order given."""
    parts = []
    for x, y, size, text in texts:
        escaped = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(b"BT /F %d Tf %.1f %.1f Td (%s) Tj ET" % (size, x, y, escaped))
    return b"\n".join(parts)


def read(*pages: bytes) -> list[str]:
    return [p.text for p in load("a.pdf", files.pdf(pages)).pages]


def prose(x: float, top: float, *lines: str) -> list[Placed]:
    return [(x, top - 14 * n, 10, line) for n, line in enumerate(lines)]


def table(top: float, columns: tuple[int, ...], *rows: str, step: float = 16) -> list[Placed]:
    return [
        (x, top - step * n, 10, cell)
        for n, row in enumerate(rows)
        for x, cell in zip(columns, row.split("|"), strict=True)
        if cell
    ]


def test_rows_of_a_table_carry_the_names_of_their_columns() -> None:
    drawn = [
        (60, 780, 10, "Le tableau suivant donne les forages."),
        (60, 740, 9, "Tableau 1. Forages"),
        *table(720, (60, 160, 280), "Forage|Profondeur|Nature", "F1|48,5 m|calcaire", "F2|31 m|marne", "F3||sable"),
        (60, 630, 10, "Le forage F2 est sec."),
    ]
    text = read(page(*drawn))[0]
    assert (
        "Tableau 1. Forages\nForage: F1 | Profondeur: 48,5 m | Nature: calcaire\n"
        "Forage: F2 | Profondeur: 31 m | Nature: marne\nForage: F3 | Nature: sable\n\nLe forage F2 est sec."
    ) in text


def test_a_cell_of_several_lines_is_one_cell() -> None:
    drawn = [
        *table(720, (60, 200, 340), "Signe|Cause|Essai"),
        *[
            (60, 700, 10, "zone de faible"),
            (60, 688, 10, "épaisseur"),
            (200, 700, 10, "argile"),
            (340, 700, 10, "puits"),
        ],
        *table(670, (60, 200, 340), "vide|grotte|forage"),
    ]
    assert read(page(*drawn))[0] == (
        "Signe: zone de faible épaisseur | Cause: argile | Essai: puits\nSigne: vide | Cause: grotte | Essai: forage"
    )


def test_close_rows_in_small_letters_stay_apart() -> None:
    rows = ("matériau|usage|épaisseur", "argile|étanchéité|5 m", "sable|drainage|3 m", "tourbe|aucun|1 m")
    assert read(page(*table(720, (60, 200, 340), *rows, step=13)))[0].splitlines() == [
        "matériau: argile | usage: étanchéité | épaisseur: 5 m",
        "matériau: sable | usage: drainage | épaisseur: 3 m",
        "matériau: tourbe | usage: aucun | épaisseur: 1 m",
    ]


@pytest.mark.parametrize("between", ["Le second tableau donne les cotes.", "Tableau 2. Cotes", ""])
def test_two_tables_never_share_their_names(between: str) -> None:
    drawn = [
        *table(720, (60, 200, 340), "Engin|Usage|Nombre", "Pompe|eau|3", "Sonde|cote|12"),
        *([(60, 660, 10, between)] if between else []),
        *table(630, (60, 200), "Client|Mairie", "Lieu|Pau", "Chef|M. Durand"),
    ]
    text = read(page(*drawn))[0]
    assert "Engin: Sonde | Usage: cote | Nombre: 12" in text and between in text.split("\n")
    assert "- Client: Mairie.\n- Lieu: Pau.\n- Chef: M. Durand." in text


def test_cells_in_the_middle_of_their_row() -> None:
    drawn = [
        *table(720, (80, 200, 400), "Engin|Usage|Nombre"),
        *[
            (60, 694, 10, "Câbles de rechange"),
            (60, 682, 10, "et connecteurs"),
            (200, 688, 10, "mesure"),
            (400, 688, 10, "3"),
        ],
        *table(660, (80, 200, 400), "Pompe|eau|2"),
    ]
    assert read(page(*drawn))[0] == (
        "Engin: Câbles de rechange et connecteurs | Usage: mesure | Nombre: 3\nEngin: Pompe | Usage: eau | Nombre: 2"
    )


def test_lists_contents_and_figures_are_no_tables() -> None:
    items = [(x, 700 - 16 * n, 10, t) for n in range(4) for x, t in ((60, f"{n + 1}."), (90, "Couper le courant"))]
    assert "1. Couper le courant\n2. Couper le courant" in read(page(*items))[0]
    contents = table(700, (60, 400), "Introduction|2", "Méthode|5", "Résultats|9", "Annexes|12")
    assert read(page(*contents))[0].splitlines()[0] == "Introduction 2"
    axis = [*table(700, (100, 200, 300, 400), "0|10|100|1000"), (60, 680, 10, "Argile"), (60, 664, 10, "Sable")]
    assert read(page(*axis))[0].splitlines() == ["0 10 100 1000", "Argile", "Sable"]


LEFT = (
    "La couche de surface est une argile",
    "grise qui retient l'eau de pluie et",
    "gonfle en hiver, puis se",
    "fissure",
)
RIGHT = (
    "Le calcaire qui suit est massif et",
    "peu fracturé ; il porte la nappe et",
    "donne son débit au forage, même en",
    "été",
)


@pytest.mark.parametrize("by_line", [False, True])
def test_columns_follow_each_other_however_they_were_drawn(by_line: bool) -> None:
    left, right = prose(60, 700, *LEFT), prose(320, 700, *RIGHT)
    drawn = [place for pair in zip(left, right, strict=True) for place in pair] if by_line else [*left, *right]
    text = read(page((60, 760, 16, "Un titre sur toute la largeur"), *drawn))[0]
    assert text.startswith("Un titre sur toute la largeur")
    assert " ".join(text.split()).endswith(" ".join([*LEFT, *RIGHT]))


def body(n: int) -> list[Placed]:
    words = ("premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième")[n]
    return prose(60, 700, f"Le {words} essai a duré six heures et", f"le {words} relevé a été fait le lendemain.")


def test_running_headers_and_page_numbers_go() -> None:
    pages = [
        page(
            (60, 810, 9, "Rapport d'essai") if n % 2 else (300, 810, 9, "Site de la Combe"),
            *body(n),
            (290, 30, 9, f"Page {n + 1} sur 6"),
        )
        for n in range(6)
    ]
    text = "\n".join(read(*pages))
    assert "Rapport" not in text and "Combe" not in text and "Page" not in text
    assert text.count("essai a duré") == 6


def test_a_chapter_in_the_header_goes_with_its_page_number() -> None:
    titles = ["SOLS", "SOLS", "EAUX", "EAUX", "ROCHES", "BILAN"]
    pages = [page((60, 810, 9, f"{n + 11}"), (200, 810, 9, t), *body(n)) for n, t in enumerate(titles)]
    text = "\n".join(read(*pages))
    assert not any(title in text for title in titles)


def test_two_pages_are_enough() -> None:
    pages = [page(*body(n), (60, 30, 8, "Note NM-04"), (500, 30, 8, f"{n + 1} / 2")) for n in range(2)]
    assert all("NM-04" not in text and "/ 2" not in text for text in read(*pages))


def test_what_stands_only_once_or_alone_stays() -> None:
    pages = [
        page((60, 800, 11, "Rapport sur la nappe"), *body(0), (60, 30, 9, "Fait à Pau, le 3 mai 2024")),
        page((60, 800, 11, "Annexe : liste des puits"), *body(1), (60, 30, 9, "¹ Voir l'annexe 2")),
        page((60, 810, 9, "Note NM-04")),  # the only text of its page
        page((60, 810, 9, "Note NM-04"), *body(3)),
        page((60, 810, 9, "Note NM-04"), *body(4)),
    ]
    texts = read(*pages)
    assert texts[0].startswith("Rapport sur la nappe") and texts[0].endswith("Fait à Pau, le 3 mai 2024")
    assert texts[1].startswith("Annexe : liste des puits") and texts[1].endswith("Voir l'annexe 2")
    assert texts[2] == "Note NM-04" and "NM-04" not in texts[3]


def test_numbered_titles_and_rows_of_tables_are_no_running_lines() -> None:
    titles = [page((60, 800, 16, f"{n + 1}. Étape"), *body(n)) for n in range(4)]
    assert all(text.startswith(f"{n + 1}. Étape") for n, text in enumerate(read(*titles)))
    rows = ["Forage|Profondeur|Nature", "F1|48,5 m|calcaire", "F2|31 m|marne"]
    tables = [page(*table(815, (60, 160, 280), *rows), *prose(60, 600, f"Suite {n}.")) for n in "abc"]
    assert all("Forage: F2 | Profondeur: 31 m" in text for text in read(*tables))


def test_footnotes_and_spaced_letters() -> None:
    drawn = [
        *prose(60, 700, "La nappe est captive.", "Elle est suivie."),
        (60, 64, 6, "1"),
        (63.5, 60, 9, "Voir le rapport de 2019."),
        (60, 760, 14, "R A P P O R T"),
    ]
    text = read(page(*drawn))[0]
    assert "¹ Voir le rapport de 2019." in text and "RAPPORT" in text.split("\n")
    labels = [(60.0 + 60 * n, 700, 10, letter) for n, letter in enumerate("AMNB")]
    assert read(page(*labels))[0] == "A M N B"


def test_an_indent_opens_a_paragraph() -> None:
    drawn = [
        *prose(60, 700, "Le forage traverse une couche d'argile grise.", "Elle est sèche."),
        (75, 672, 10, "Un autre forage a été fait plus loin."),
        (60, 658, 10, "Il est profond."),
    ]
    assert read(page(*drawn))[0].split("\n\n")[1] == "Un autre forage a été fait plus loin.\nIl est profond."


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (("Il est peut-", "être sec"), "Il est peut-être sec"),
        (("a well-known and well-", "known site"), "a well-known and well-known site"),
        (("an X-", "ray of it"), "an X-ray of it"),
        (("de 10-", "20 m"), "de 10-20 m"),
        (("l'épais-", "seur"), "l'épaisseur"),
        (("the resis-", "tivity"), "the resistivity"),
    ],
)
def test_words_at_line_ends(lines: tuple[str, str], joined: str) -> None:
    assert read(page(*prose(60, 700, *lines)))[0] == joined


HTML = """<style>@page{size:A4;margin:25mm} body{font:11pt sans-serif} .c{column-count:COUNT;column-gap:10mm}
td,th{padding:3px 10px;text-align:left} h1{break-before:page}</style>"""
WORDS = " ".join(f"La phrase {n} parle du forage et de son débit." for n in range(60))
HEADER = '<div style="font-size:8px;width:100%;margin:0 20mm">Étude de la Combe Noire</div>'
FOOTER = '<div style="font-size:8px;width:100%;text-align:center"><span class="pageNumber"></span></div>'


@pytest.mark.parametrize("count", [2, 3])
def test_a_page_printed_by_a_browser(browser: Any, count: int) -> None:
    source = HTML.replace("COUNT", str(count)) + f"<h2>Titre</h2><div class=c><p>{WORDS}</div>"
    source += "<h1>Tableau</h1><table><tr><th>Forage<th>Cote<th>Eau</tr><tr><td>F1<td>31 m<td>douce</tr>"
    source += "<tr><td>F2<td>12 m<td>salée</tr></table><h1>Fin</h1><p>La dernière page tient en une phrase.</p>"
    tab = browser.new_page()
    tab.set_content(source)
    printed = tab.pdf(
        prefer_css_page_size=True, display_header_footer=True, header_template=HEADER, footer_template=FOOTER
    )
    tab.close()
    pages = [" ".join(p.text.split()) for p in load("a.pdf", printed).pages]
    assert pages[0] == f"Titre {WORDS}"
    assert pages[1] == "Tableau Forage: F1 | Cote: 31 m | Eau: douce Forage: F2 | Cote: 12 m | Eau: salée"
    assert pages[2] == "Fin La dernière page tient en une phrase."


def line(text: str, x: float, y: float) -> Line:
    width = 5.0 * len(text)
    return Line(text, Glyph(x, x + 5, y, 10), Glyph(x + width - 5, x + width, y, 10))


LINES = st.builds(line, st.text("abc1. ", min_size=1, max_size=9), st.integers(0, 500), st.integers(0, 840))


@given(st.lists(st.one_of(LINES, st.just("")), max_size=30))
def test_arranging_a_page_loses_no_letter(lines: list[Line | str]) -> None:
    found = arranged(lines)
    texts = [x if isinstance(x, str) else "".join(x.rows) if hasattr(x, "rows") else x.text for x in found]
    letters = sorted(c for x in lines for c in (x if isinstance(x, str) else x.text) if c.isalpha())
    written = "".join(texts)
    assert all(written.count(c) >= letters.count(c) for c in "abc")


@given(st.lists(st.lists(LINES, max_size=6), max_size=6))
def test_no_page_is_emptied(pages: list[list[Line]]) -> None:
    kept = without_running_lines([PlacedPage(list(lines), 842.0) for lines in pages])
    for before, after in zip(pages, kept, strict=True):
        assert [x for x in before if x in after] == after
        assert any(x.text.strip() for x in after if isinstance(x, Line)) == any(x.text.strip() for x in before)
