from dataclasses import replace
from pathlib import Path

import pytest
from support.comparisons import by_variant, compare
from support.fake_runs import config, history, write

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.rundir import layout

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Comparison:
    """Four arms of four seeds: the baseline, a worse one, one that the gate refuses, one of which a run diverged."""
    out = tmp_path_factory.mktemp("outputs")
    widths = {16: 0.9, 8: 0.6, 4: 0.89, 2: 0.88}
    for width, accuracy in widths.items():
        for seed in range(4):
            rows = history(8, accuracy + 0.004 * ((seed * 7 + width) % 5), loss=1 - accuracy)
            changes = {"status": "diverged"} if (width, seed) == (2, 3) else {}
            write(out, config(seed=seed, **{"model.width": width}), rows, **changes)
    made = by_variant(out, study="widths", question="Does width carry it?", plan="abc" * 20, comparisons=3)
    first, *others = sorted(made.variants, key=lambda row: -row.runs[0].config["model.width"])
    names = ("baseline", "-half", "-quarter", "-eighth")
    rows = [
        replace(row, label=name, arm=replace(row.arm, label=name))
        for name, row in zip(names, (first, *others), strict=True)
    ]
    base, half, quarter, eighth = compare(rows).variants
    half = replace(
        half, removed=("half",), co_changes=("train.learning_rate=0.01",), differs={"model.width": ("16", "8")}
    )
    refused = Comparability((Difference("data.digest", "aa", "bb"),), (Difference("threads", "1", "2"),))
    quarter = replace(quarter, removed=("quarter",), comparability=refused, result=None)
    eighth = replace(eighth, planned_seeds=4, comparability=Comparability((), (Difference("threads", "1", "2"),)))
    (base.runs[0].path / layout.LOG).write_text("one\n\x1b[31mtwo\x1b[0m\n10 %\r100 %\n")
    return replace(made, variants=(base, half, quarter, eighth), warnings=("Seeds are few.",), margin=0.02)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here")
    with playwright.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page; it must ask for nothing but itself and say nothing on the console."""
    contexts, said, asked = [], [], []

    def open_(content: bytes, width=1280, scheme="light", script=True):
        file = tmp_path / "report.html"
        file.write_bytes(content)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == [] and all(url == (tmp_path / "report.html").as_uri() for url in asked) and asked
