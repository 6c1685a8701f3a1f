"""No connection is opened while a plugin is imported or its network built; anywhere else, connections are free."""

import socket

import pytest

from ablation.config.plugins import registry
from ablation.config.plugins.offline import Download, offline
from ablation.errors import AblateError


def test_connections_are_refused_only_in_the_context():
    with pytest.raises(Download, match="localhost"), offline():
        socket.getaddrinfo("localhost", 80)
    assert socket.getaddrinfo("localhost", 80)


def test_a_plugin_that_downloads_at_import_is_named(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("import urllib.request\nurllib.request.urlopen('http://localhost:9/x')\nNORMS = {'mine': len}\n")
    with pytest.raises(AblateError, match="opens a connection when it is run .http://localhost:9/x"):
        registry.take([str(file)])
