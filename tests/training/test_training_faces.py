"""The converter of the face networks: what can be told without the wheel it reads."""

import pytest

from training.faces import NETWORKS, main


def test_another_wheel_is_refused(tmp_path, capsys):
    wheel = tmp_path / "other.whl"
    wheel.write_bytes(b"something else")
    with pytest.raises(SystemExit):
        main([str(wheel), "--output", str(tmp_path / "out")])
    assert "is not the wheel" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_networks_are_those_of_the_package():
    from strokewise.photo.face_networks import FOLDER, SIDES

    assert set(NETWORKS) == set(SIDES)
    assert all((FOLDER / f"{name}.onnx").is_file() for name in NETWORKS)
