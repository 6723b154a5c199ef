from pathlib import Path

import pytest
import typer

from strokewise import cli
from strokewise.cli import models
from strokewise.encoders import registry, weights


@pytest.fixture(autouse=True)
def app(empty_hub_cache, tmp_path, monkeypatch):
    """The command line with `models` attached, in an empty world."""
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.add_typer(models.app)
    app.callback()(lambda: None)
    monkeypatch.setattr(cli, "app", app)


def one_line(capsys):
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("strokewise: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_list_shows_all_and_where_they_are(capsys, tmp_path, hub_server):
    (tmp_path / "clip-rn50.safetensors").write_bytes(hub_server.tiny_safetensors())
    (tmp_path / "clip-vit-b-16.safetensors").write_text("<html>")
    assert cli.main(["models", "list", "--folder", str(tmp_path)]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(lines) == {"embedded", "efficientnet-lite0", *weights.CATALOGUE}
    assert "479 MB" in lines["clip-rn101"]
    assert "MIT" in lines["clip-rn101"]
    assert lines["clip-rn101"].endswith("not here")
    assert lines["clip-rn50"].endswith(str(tmp_path / "clip-rn50.safetensors"))
    assert "a web page" in lines["clip-vit-b-16"]


def test_without_a_command_it_helps(capsys):
    assert cli.main(["models"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and "List, fetch and verify the weights" in out and len(out.splitlines()) > 5


def test_list_knows_those_of_ones_own(capsys, tmp_path, monkeypatch):
    (tmp_path / "my_listed_encoder.py").write_text("import strokewise\nstrokewise.register('my-own')(object)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))
    assert cli.main(["models", "list", "--import", "my_listed_encoder"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["my-own", "registered", "by", "a", "module"]


def test_labels_are_those_of_the_embedded_recogniser(capsys):
    assert cli.main(["models", "labels"]) == 0
    labels = capsys.readouterr().out.splitlines()
    assert {"cat", "dog", "elephant"} < set(labels) and len(labels) > 80


def test_fetch_path_and_verify(capsys, tmp_path, monkeypatch, hub_server):
    pytest.importorskip("huggingface_hub")
    monkeypatch.delenv("STROKEWISE_OFFLINE")
    repository = weights.CATALOGUE["clip-rn101"].repository
    with hub_server.FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        digest = hub.add(repository, weights.FILE, hub_server.tiny_safetensors())
        hub.add(repository, weights.TOKENIZER, b"{}")
        for folder in ([], ["--folder", str(tmp_path / "mine")]):
            assert cli.main(["models", "fetch", "clip-rn101", "--revision", "main", *folder]) == 0
            printed = capsys.readouterr()
            assert Path(printed.out.strip()).name == weights.FILE
            assert printed.err.count("\n") == 1
            assert cli.main(["models", "path", "clip-rn101", *folder]) == 0
            assert capsys.readouterr().out == printed.out
            for name in (["clip-rn101"], []):
                assert cli.main(["models", "verify", *name, *folder]) == 0
                assert digest in capsys.readouterr().out
        assert cli.main(["models", "fetch", "clip-rn101"]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["fetch", "path", "verify"])
def test_mistakes_take_one_line_and_exit_2(capsys, command):
    assert cli.main(["models", command, "clip-rn101"]) == 2
    assert "clip-rn101" in one_line(capsys) or command == "fetch"
    assert cli.main(["models", command, "clip-rn9000"]) == 2
    assert "clip-vit-b-32" in one_line(capsys)


def test_verify_names_every_damaged_file_and_still_checks_the_rest(capsys, tmp_path, hub_server):
    (tmp_path / "clip-rn101.safetensors").write_text("<html>")
    (tmp_path / "clip-rn50.safetensors").write_bytes(b"PK\x03\x04")
    (tmp_path / "clip-vit-b-32.safetensors").write_bytes(hub_server.tiny_safetensors())
    assert cli.main(["models", "verify", "--folder", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert "clip-vit-b-32: readable" in printed.out
    assert printed.err.count("\n") == 1
    assert "a web page" in printed.err
    assert "a PyTorch pickle" in printed.err


def test_verify_with_nothing_here(capsys):
    assert cli.main(["models", "verify"]) == 0
    assert "no weights are here" in one_line(capsys)


def test_help_names_the_models(capsys):
    assert cli.main(["models", "fetch", "--help"]) == 0
    assert "clip-vit-b-16" in capsys.readouterr().out
