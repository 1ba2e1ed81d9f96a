"""Downloads with huggingface_hub's real code, from a hub on the loopback address."""

from __future__ import annotations

import shutil
import socket
import threading
from pathlib import Path

import pytest

from ert_core import model_download
from ert_core.errors import LanguageModelError, ModelDownloadError
from ert_core.model_download import delete, download, is_cached, is_hub_id, resolve
from tests.fake_hub import COMMIT, FakeHub, hashes, serve_hub
from tests.tiny_embedder import build_tiny_embedder
from tests.tiny_model import build_tiny_model

MODEL = "someone/tiny-model"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = build_tiny_model(tmp_path_factory.mktemp("hub") / "published")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "README.md").write_text("not needed", encoding="utf-8")
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(model_download, "RETRY_WAIT", 0.0)
    return tmp_path / "cache"


@pytest.fixture
def hub(published, cache):
    with serve_hub(MODEL, published) as served:
        yield served


def partial_of(cache: Path, name: str, published: Path) -> Path:
    return cache / "models--someone--tiny-model" / "blobs" / f"{hashes(published / name)[1]}.incomplete"


def test_download_brings_what_loading_needs_and_nothing_else(hub: FakeHub, cache, published):
    seen: list[tuple[int, int]] = []
    assert not is_cached(MODEL)
    folder = download(MODEL, progress=lambda done, total: seen.append((done, total)), endpoint=hub.endpoint)
    assert folder == resolve(MODEL) == cache / "models--someone--tiny-model" / "snapshots" / COMMIT
    names = {path.name for path in folder.iterdir()}
    assert {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "chat_template.jinja",
    } <= names
    assert not {"pytorch_model.bin", "README.md"} & names
    assert (folder / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()
    assert is_cached(MODEL)
    total = sum((published / name).stat().st_size for name in names)
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert not list(cache.rglob("*.incomplete"))
    assert not list(cache.rglob("*.ert.lock"))


def test_no_token_and_no_inventory_are_sent(hub: FakeHub, cache, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    download(MODEL, endpoint=hub.endpoint)
    assert hub.requests
    for _, _, headers in hub.requests:
        assert "authorization" not in headers
        assert headers["user-agent"] == "ert"


def test_a_model_that_is_there_is_not_asked_for_again(hub: FakeHub, cache):
    folder = download(MODEL, endpoint=hub.endpoint)
    asked = len(hub.requests)
    assert download(MODEL, endpoint=hub.endpoint) == folder
    assert len(hub.requests) == asked


def test_a_cut_transfer_goes_on_where_it_stopped(hub: FakeHub, cache, published):
    hub.cut_after["model.safetensors"] = 300_000
    folder = download(MODEL, endpoint=hub.endpoint)
    first, second = hub.ranges("model.safetensors")
    assert first == "bytes=0-"
    resumed = int(second.removeprefix("bytes=").rstrip("-"))
    assert 0 < resumed <= 300_000
    assert (folder / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()


def test_a_lost_hub_keeps_the_part_and_another_run_takes_it_up(hub: FakeHub, cache, published):
    hub.cut_after["model.safetensors"] = 0
    hub.cut_for_ever = True
    partial = partial_of(cache, "model.safetensors", published)
    partial.parent.mkdir(parents=True)
    partial.write_bytes((published / "model.safetensors").read_bytes()[:200_000])
    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, endpoint=hub.endpoint)
    assert caught.value.code == "download_offline"
    assert partial.stat().st_size == 200_000
    assert not is_cached(MODEL)
    hub.cut_after.clear()
    folder = download(MODEL, endpoint=hub.endpoint)
    assert hub.ranges("model.safetensors")[-1] == "bytes=200000-"
    assert (folder / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()


def test_a_server_that_ignores_ranges_sends_all_again(hub: FakeHub, cache, published):
    hub.cut_after["model.safetensors"] = 300_000
    hub.ignore_range = True
    folder = download(MODEL, endpoint=hub.endpoint)
    assert (folder / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()


def test_cancel_keeps_what_arrived(hub: FakeHub, cache, published, monkeypatch):
    monkeypatch.setattr(model_download, "BLOCK_BYTES", 50_000)
    cancelled = threading.Event()
    partial = partial_of(cache, "model.safetensors", published)

    def watch(done: int, total: int) -> None:
        if partial.exists() and partial.stat().st_size:
            cancelled.set()

    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, progress=watch, cancelled=cancelled, endpoint=hub.endpoint)
    assert caught.value.code == "download_cancelled"
    kept = partial.stat().st_size
    assert 0 < kept < (published / "model.safetensors").stat().st_size
    assert not is_cached(MODEL)
    seen: list[int] = []
    download(MODEL, progress=lambda done, total: seen.append(done), endpoint=hub.endpoint)
    assert hub.ranges("model.safetensors")[-1] == f"bytes={kept}-"
    assert seen[0] >= kept


def test_a_cancelled_download_asks_for_no_file(hub: FakeHub, cache):
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(ModelDownloadError):
        download(MODEL, cancelled=cancelled, endpoint=hub.endpoint)
    assert hub.ranges("model.safetensors") == []


def test_content_that_differs_from_its_hash_is_refused(hub: FakeHub, cache, published):
    hub.corrupt.add("model.safetensors")
    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, endpoint=hub.endpoint)
    assert caught.value.code == "download_corrupt"
    assert not is_cached(MODEL)
    assert not partial_of(cache, "model.safetensors", published).exists()
    hub.corrupt.clear()
    assert download(MODEL, endpoint=hub.endpoint)


def test_no_network_and_nothing_cached_says_that_quotes_work(cache):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, endpoint=endpoint)
    assert caught.value.code == "download_offline"
    assert "Quotes mode works" in caught.value.remedy
    assert "citations" in caught.value.in_language("fr")[1]


def test_no_network_but_cached_is_no_error(hub: FakeHub, cache):
    folder = download(MODEL, endpoint=hub.endpoint)
    assert download(MODEL, endpoint="http://127.0.0.1:9") == folder


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("someone/absent", "download_not_found"), ("no-slash", "download_id"), ("../../etc/x", "download_id")],
)
def test_wrong_ids_say_so(hub: FakeHub, cache, wrong, code):
    with pytest.raises(ModelDownloadError) as caught:
        download(wrong, endpoint=hub.endpoint)
    assert caught.value.code == code


def test_a_gated_model_says_so(hub: FakeHub, cache):
    hub.gated = True
    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, endpoint=hub.endpoint)
    assert caught.value.code == "download_gated"


def test_a_repository_without_safetensors_is_refused_before_downloading(cache, tmp_path, published):
    folder = tmp_path / "pickled"
    shutil.copytree(published, folder)
    (folder / "model.safetensors").unlink()
    with serve_hub(MODEL, folder) as hub:
        with pytest.raises(ModelDownloadError) as caught:
            download(MODEL, endpoint=hub.endpoint)
        assert caught.value.code == "download_no_weights"
        assert hub.ranges("config.json") == []


def test_a_full_disk_is_said_before_downloading(hub: FakeHub, cache, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(model_download.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(ModelDownloadError) as caught:
        download(MODEL, endpoint=hub.endpoint)
    assert caught.value.code == "download_disk"
    assert hub.ranges("model.safetensors") == []


def test_delete_frees_the_disk_and_download_works_again(hub: FakeHub, cache, published):
    download(MODEL, endpoint=hub.endpoint)
    assert delete(MODEL) > (published / "model.safetensors").stat().st_size
    assert not is_cached(MODEL)
    assert delete(MODEL) == 0
    assert download(MODEL, endpoint=hub.endpoint)


def test_a_snapshot_without_its_weights_does_not_count_as_cached(hub: FakeHub, cache):
    folder = download(MODEL, endpoint=hub.endpoint)
    (folder / "model.safetensors").unlink()
    assert not is_cached(MODEL)
    download(MODEL, endpoint=hub.endpoint)
    assert is_cached(MODEL)


def test_resolve_takes_folders_and_ids(cache, tmp_path):
    assert resolve(tmp_path) == tmp_path
    for missing, code in ((MODEL, "model_not_downloaded"), (tmp_path / "absent", "model_folder_missing")):
        with pytest.raises(LanguageModelError) as caught:
            resolve(missing)
        assert caught.value.code == code


def test_hub_ids():
    assert is_hub_id("Qwen/Qwen2.5-0.5B-Instruct")
    for other in ("/abs/path", "./here", "a/b/c", "name", "a/..", "", "a/b\n"):
        assert not is_hub_id(other)


def test_an_embedding_model_comes_with_its_modules_and_loads(cache, tmp_path):
    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.errors import EmbeddingModelError

    model = "intfloat/multilingual-e5-small"
    published = build_tiny_embedder(tmp_path / "published", modules=True)
    for name in ("pytorch_model.bin", "onnx/config.json", "onnx/model.onnx", "README.md"):
        (published / name).parent.mkdir(exist_ok=True)
        (published / name).write_bytes(b"not needed: " + name.encode())
    with pytest.raises(EmbeddingModelError, match="not been downloaded"):
        SentenceTransformerEmbeddings(model)
    with serve_hub(model, published) as hub:
        folder = download(model, endpoint=hub.endpoint)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "model.safetensors"} <= names
    assert not {"pytorch_model.bin", "onnx/config.json", "onnx/model.onnx", "README.md"} & names
    embeddings = SentenceTransformerEmbeddings(model)
    assert embeddings.name.startswith(f"{model}#") and embeddings.bilingual
    assert embeddings.encode_question("sol") @ embeddings.encode(["sol"])[0] == pytest.approx(1.0, abs=1e-5)
    assert embeddings.encode_question("sol") @ embeddings.encode_passages(["sol"])[0] < 0.9999
