"""Where the shipped configuration files are."""

from pathlib import Path

from ablation.config.shipped import folder


def test_the_files_are_beside_the_package_or_in_it(tmp_path, monkeypatch):
    assert (folder.conf_dir() / "model" / "resnet34.yaml").is_file()
    package = tmp_path / "lib" / "ablation"
    monkeypatch.setattr(folder, "__file__", str(package / "config" / "shipped" / "folder.py"))
    assert folder.conf_dir() == package / "conf"  # as in a wheel
    beside = tmp_path / "lib" / "conf"
    beside.mkdir(parents=True)
    assert folder.conf_dir() == package / "conf"  # another package's folder of this name
    Path(beside, "config.yaml").touch()
    assert folder.conf_dir() == beside
