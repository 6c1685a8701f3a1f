"""Download and prepare a data set of the TFDS catalogue, in a process of its own."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ablation.data.reporter import Reporter
from ablation.text import first_line


def download(name: str, folder: Path, reporter: Reporter) -> None:
    """Download a data set and prepare it in `folder`.

    Raises exceptions of many types: for the network, checksums, the disk, an unknown name.
    """
    with reporter.muted():
        import tensorflow_datasets as tfds
    builder = tfds.builder(name, data_dir=folder)
    _check_network(builder.url_infos or {})
    reporter.say(f"{name} is not in {folder}; downloading {builder.info.download_size}")
    run_in_child(_download_and_prepare, name, folder, reporter)


def run_in_child(work: Callable[..., None], *arguments: Any) -> None:
    """Call work(*arguments) in a child process that ends when this process ends. Raises RuntimeError with its error.

    Preparing some data sets initialises TensorFlow, which must not happen here before the run sets its threads.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe()
    child = context.Process(target=_child, args=(sender, work, *arguments), daemon=True)
    child.start()
    sender.close()
    try:
        error = receiver.recv()
    except EOFError:
        error = "the process that was preparing it was killed"
    child.join()
    if error:
        raise RuntimeError(error)


def _child(sender: Connection, work: Callable[..., None], *arguments: Any) -> None:
    """Do the work, then send the error or an empty string. Exit when the parent has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        work(*arguments)
        sender.send("")
    except BaseException as error:
        sender.send(first_line(error))


def _download_and_prepare(name: str, folder: Path, reporter: Reporter) -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with reporter.muted():
        import tensorflow_datasets as tfds
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    tfds.builder(name, data_dir=folder).download_and_prepare(download_config=config)


def _check_network(urls: Iterable[str]) -> None:
    """Contact each host once, because TFDS retries for three minutes without a network. Raises ConnectionError."""
    import requests

    url_of_host = {}
    for url in urls:
        parts = urlsplit(url)
        if parts.netloc:
            url_of_host[parts.scheme, parts.netloc] = url
    for (_, host), url in url_of_host.items():
        try:
            requests.head(url, timeout=20)
        except requests.RequestException as error:
            raise ConnectionError(f"no answer from {host}") from error
