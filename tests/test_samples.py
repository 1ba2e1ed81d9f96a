"""The sample documents: their number, length and languages, their arithmetic, and the answers they hold."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import runpy
import zipfile
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
FRENCH = {
    "principes-de-la-tomographie.pdf",
    "rapport-karst-combe-aurelle.docx",
    "protocole-de-terrain.md",
    "consignes-de-securite.pptx",
}
ENGLISH = {
    "interpreting-resistivities.pdf",
    "landfill-report-wexmoor-hollow.pdf",
    "crew-safety-handbook.html",
    "saltmere-soundings.csv",
}
PDFS = sorted(name for name in FRENCH | ENGLISH if name.endswith(".pdf"))
QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "tests" / "data" / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERABLE = [question for question in QUESTIONS if question["answers"]]


def plain(text: str) -> str:
    """The text with every run of white space, no-break spaces too, made one space."""
    return re.sub(r"\s+", " ", text)


def pdf_pages(name: str) -> list[str]:
    with pypdfium2.PdfDocument(SAMPLES / name) as document:
        return [plain(document[i].get_textpage().get_text_range()) for i in range(len(document))]


@cache
def loaded_pages(name: str) -> dict[int | None, str]:
    """Page number -> text, as the library reads it."""
    from ert_core.loaders import load

    loaded = load(name, (SAMPLES / name).read_bytes())
    return {page.number: plain(page.text) for page in loaded.pages}


def test_the_folder_holds_the_eight_documents_and_no_other():
    assert {path.name for path in SAMPLES.iterdir() if path.is_file()} == FRENCH | ENGLISH | {"README.md"}
    assert len(FRENCH) >= 3 and len(ENGLISH) >= 3 and len(PDFS) >= 2
    assert all((SAMPLES / name).stat().st_size < 200_000 for name in FRENCH | ENGLISH)


@pytest.mark.parametrize("name", PDFS)
def test_pdfs_have_two_to_six_pages_of_real_text_and_numbered_pages(name: str):
    pages = pdf_pages(name)
    assert 2 <= len(pages) <= 6
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        assert len(text) > 700
        assert "\ufffd" not in text and "\ufffe" not in text
    whole = " ".join(pages)
    expected = {
        "principes-de-la-tomographie.pdf": "51,8 Ω·m|L² − l²|MN ≤ AB/5|ρa = K · ΔV / I|χ² normalisé|« non calée »",
        "interpreting-resistivities.pdf": "20 Ω·m|480 µS/cm|14 m³/h|at 11 °C|ρ = a · ρw · φ−m · S−n",
        "landfill-report-wexmoor-hollow.pdf": "2.3 Ω·m|9,800 µS/cm|163,000 m³|0.4 to 2.6 kΩ",
    }
    assert [glyphs for glyphs in expected[name].split("|") if glyphs not in whole] == []
    assert ("é" in whole) == (name in FRENCH)


def test_each_document_reads_as_its_language():
    for name in sorted((FRENCH | ENGLISH) - {"saltmere-soundings.csv"}):
        words = re.findall(r"\w+", " ".join(loaded_pages(name).values()).lower())
        french = sum(word in {"le", "la", "les", "des", "et", "une", "dans"} for word in words)
        english = sum(word in {"the", "of", "and", "is", "to", "with"} for word in words)
        assert (french > 5 * english) if name in FRENCH else (english > 5 * french), name


def test_office_files_are_whole_and_dated_once():
    for name in ("rapport-karst-combe-aurelle.docx", "consignes-de-securite.pptx"):
        with zipfile.ZipFile(SAMPLES / name) as archive:
            assert archive.testzip() is None
            assert {entry.date_time for entry in archive.infolist()} == {(2025, 3, 1, 9, 0, 0)}


def test_questions_are_balanced_and_unanswerable_ones_name_no_document():
    assert sum(question["language"] == "fr" for question in ANSWERABLE) == 20
    assert sum(question["language"] == "en" for question in ANSWERABLE) == 20
    refusable = [question for question in QUESTIONS if not question["answers"]]
    assert len(refusable) == 10
    assert all(question["document"] is None and question["page"] is None for question in refusable)
    assert {question["document"] for question in ANSWERABLE} == FRENCH | ENGLISH
    assert len({question["question"] for question in QUESTIONS}) == 50


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question["question"][:48])
def test_answers_are_words_of_the_document(question: dict):
    name = question["document"]
    pages = dict(enumerate(pdf_pages(name), 1)) if name in PDFS else loaded_pages(name)
    text = " ".join(pages.values()) if question["page"] is None else pages[question["page"]]
    assert (question["page"] is None) == (Path(name).suffix not in {".pdf", ".pptx"})
    for answer in question["answers"]:
        assert plain(answer) in text


def test_what_unanswerable_questions_ask_about_is_nowhere_in_the_documents():
    whole = " ".join(" ".join(loaded_pages(name).values()) for name in FRENCH | ENGLISH).lower()
    absent = ["location", "logiciel", "vitesse des ondes", "tarte", "price", "chargeab", "mayor", "arsenic", "drone"]
    assert [word for word in absent if re.search(rf"\b{word}", whole)] == []
    assert "leachate" in whole and "lixiviat" not in whole


def test_built_files_follow_their_sources():
    """Text changed in samples/sources/ but not built again, or the other way round, is seen here."""
    builder = runpy.run_path(str(ROOT / "scripts" / "build_samples.py"))
    name = "rapport-karst-combe-aurelle"
    with (
        zipfile.ZipFile(io.BytesIO(builder["build_docx"](name))) as built,
        zipfile.ZipFile(SAMPLES / f"{name}.docx") as kept,
    ):
        assert {path: built.read(path) for path in built.namelist()} == {
            path: kept.read(path) for path in kept.namelist()
        }
    table = runpy.run_path(str(SAMPLES / "sources" / "soundings.py"))["table"]()
    assert table == (SAMPLES / "saltmere-soundings.csv").read_text(encoding="utf-8")
    for name in PDFS:
        body = builder["read"](name.removesuffix(".pdf")).body
        text = "".join(" ".join(pdf_pages(name)).split())
        lost = [
            tag.get_text() for tag in body.find_all(["p", "li", "td"]) if "".join(tag.get_text().split()) not in text
        ]
        assert [words for words in lost if len(words) < 60] == []  # longer ones may run over a page and its footer


def readings() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((SAMPLES / "saltmere-soundings.csv").read_text(encoding="utf-8"))))


def test_apparent_resistivity_is_k_times_voltage_over_current():
    for row in readings():
        ab2, mn2 = float(row["AB/2_m"]), float(row["MN/2_m"])
        k = math.pi * (ab2**2 - mn2**2) / (2 * mn2)
        assert float(row["K_m"]) == pytest.approx(k, abs=6e-4)
        resistivity = k * float(row["voltage_mV"]) / float(row["current_mA"])
        assert float(row["apparent_resistivity_ohm_m"]) == pytest.approx(resistivity, abs=0.0051, rel=1e-4)
        assert mn2 <= ab2 / 5 * 1.0001
        # 800 V at most between A and B
        assert float(row["AB_resistance_kohm"]) * float(row["current_mA"]) < 800


def test_soundings_run_from_dry_sand_to_the_base_of_each_model():
    """Short spreads near the first layer, long ones near the last: the order of the models of the guide."""
    for name, top, base in (("S1", 650, 18), ("S2", 420, 3.1), ("S3", 240, 1.6)):
        rows = [row for row in readings() if row["sounding"] == name]
        values = [float(row["apparent_resistivity_ohm_m"]) for row in rows]
        assert len(rows) == 20
        assert 0.7 * top < values[0] < top
        assert 0.95 * base < values[-1] < 1.5 * base
