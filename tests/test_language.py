"""One word per idea: no text that a person meets has a word that the glossary replaces."""

import re

import pytest
from support.texts import Text, texts

COMMIT = r"(?<!git )(?<!Git )\bcommit(?:s|ted|ting)?\b"
IDENTITY = r"\bidentit(?:y|ies)\b"
NOISE = r"\bnois(?:e|y)\b"
COUNT = r"(?:two|three|four|five|six|eight|both|all|every|each|\d+)"
WORDS = {  # pattern: the word to use instead
    r"\btell(?:s|ing)?\b|\btold\b": "inconclusive, detect",
    r"\barms?\b": "variant",
    r"(?<!standard )(?<!\w)deviations?\b": "standard deviation (SD)",
    r"\bthe base\b(?! class)|\bbase (?:variant|run|network|cell|config)|\bagainst (?:is|has|of)\b": "baseline",
    rf"\b{COUNT} kinds?\b(?! of)": "variant",
    r"\battempts?\b": "run",
    IDENTITY: "fingerprint",
    r"\bconfig(?:uration)? hash(?:es)?\b": "fingerprint",
    r"(?<!bit-)\bexact\b|(?<!bit-)\bexactness\b": "bit-exact, environment class",
    r"\bmarked not\b|\bmarked as not\b": "flagged as not",
    r"\bspreads?\b": "standard deviation (SD)",
    NOISE: "standard deviation (SD)",
    r"\bdifferences? within\b|\bwithin (?:it|which|that|them)\b[^.]*\bnot matter\b": "equivalence margin",
    r"\bf[au]rthest\b|\bintervals? (?:that )?reach(?:es)?\b|\breach of\b": "95 % CI from … to …",
    r"\bbarred\b|\bbars (?:it|them|a|the|this|any)\b": "excluded, not comparable",
    r"\bstandings?\b": "checkpoint",
    COMMIT: "checkpoint",
    r"\bmirror(?:s|ed)?\b|\bevery other time\b": "flip",
    r"\bgoes on\b|\bgo on\b|\bgoing on\b|\bbegun again\b|\bstays as it is\b": "resume, rerun, skip",
    r"\bdoors?\b|\bown parts?\b|\b(?:parts?|code) of (?:your|one's|their) own\b": "plugin",
    r"\bis no comparison\b|\bno comparison\b|\bare no comparison\b": "not comparable",
    r"\bcareful\b": "note",
    r"\bhalf of its (?:95 % )?interval\b": "95 % CI",
    r"\btastes?\b|\btasted\b|\btried\b": "preflight check",
    r"(?<!learning )(?<!dropout )(?<!sampling )(?<!error )(?<!positive )(?<!discovery )\brates?\b": "learning rate",
    r"\bregrouping?s?\b": "permutation",
    r"\bin four of five studies\b": "80 % power",
}
ALLOWED = {  # place prefix: patterns that mean something else there
    "ablation/statistics/": (r"\barms?\b",),  # what its literature calls it
    "benchmarks/": (r"\barms?\b",),  # what is timed in turn
    "ablation/study/preflight/measurement.py": (COMMIT,),  # the name of a field
    "ablation/data/label_noise.py": (NOISE,),  # wrong labels
    "ablation/model/": (IDENTITY,),  # the layer that returns its input
    "ablation/study/fractional.py": (IDENTITY,),  # of the group of effects: I
}
PHRASES = (  # other senses of a word
    *("standard deviations?", "git commits?", "pre-commit", "committed table", "identity_pad"),
    *("identity elsewhere", "identity shortcuts?"),
    *("error rates?", "false[- ]positive rates?", "learning rates?", "dropout rates?", "drop rates?", "a rate of"),
    *("1 - rate", "rate[=:]", r"\* rate", "Expected rate"),
    *("label noise", "normal(?:ly distributed)? noise"),
    *("Fisher's exact test", "exact arithmetic", r"\bexact[=:]", r"exactness[.:]", "steps, exactness, hardware"),
    *("benchmarks/exactness", "base factors?", r"2\^base"),
)
TEXTS = list(texts())
FOUND = (
    *("two arms differ", "its deviation is small", "the run goes on", "a smaller rate", "committed twice"),
    *("3 cells tried", "marked not exact", "the one door for code of your own", "a file with code of one's own"),
    *("the spread over seeds", "the noise over seeds is 0.02", "the interval that reaches farthest"),
    *("the exactness class", "the identity of the data differs", "an identity", "the config hash", "is told here"),
    *("the difference that it tells", "differences within it do not matter", "one attempt with one seed"),
    *("the base is better", "two kinds differ", "cannot be told", "which\ndifference it\ntells", "bars a comparison"),
    "within which differences do not matter",
)
PASSED = (
    *("its standard deviation", "a git commit", "the learning rate", "options A (identity_pad)", "set `exact` to mark"),
    *("identity shortcuts", "label noise", "not bit-exact", "the base class"),
    *("two kinds of plot", "normally distributed noise"),
)
FILES = {
    "ablation/a.py": '"""The config\nhash."""\n\nx = f"of {y} cells tried", "Arm", "key"\n# which is\n# not exact\n',
    "README.md": "The config\nhash\n\n- the config\n- hash\n\n    code of two arms\n",
    "conf/study/a.yaml": "# of two\n# arms\nstudy:\n  question: Which arm is better?\n  seeds: 3\n",
    "mkdocs.yml": "site_description: Two arms\n",
    "CITATION.cff": "abstract: >-\n  Two arms\n  of a study.\n",
    "pyproject.toml": '[project]\ndescription = "Two arms"\n',
    "Makefile": "all: ## help\n",
}


def plain(text: Text) -> str:
    """A text in one line, without code spans."""
    return " ".join(re.sub(r"`[^`\n]*`", "`…`", text.text).split())


def wrong(text: Text) -> list[str]:
    """The words of a text that the glossary replaces."""
    allowed = [pattern for prefix, patterns in ALLOWED.items() if text.place.startswith(prefix) for pattern in patterns]
    text_without_phrases = re.sub("|".join(PHRASES), "…", plain(text), flags=re.IGNORECASE)
    found = []
    for pattern, better in WORDS.items():
        match = None if pattern in allowed else re.search(pattern, text_without_phrases, re.IGNORECASE)
        if match:
            found.append(f"{text.place}: {match[0]!r} instead of {better}: {text.text.strip()[:160]}")
    return found


@pytest.mark.parametrize("kind", ["prose", "string", "docstring", "comment"])
def test_texts_use_the_words_of_the_glossary(kind):
    found = [line for text in TEXTS if text.kind == kind for line in wrong(text)]
    assert not found, "\n" + "\n".join(found)


def test_the_glossary_is_looked_for():
    for line in FOUND:
        assert wrong(Text("README.md:1", "prose", line)), line
    for line in PASSED:
        assert not wrong(Text("README.md:1", "prose", line)), line


def test_every_other_sense_of_a_word_occurs():
    everything = "\n".join(plain(text) for text in TEXTS)
    unused = [phrase for phrase in PHRASES if not re.search(phrase, everything, re.IGNORECASE)]
    assert not unused


def test_texts_are_read_from_every_kind_of_file(tmp_path, monkeypatch):
    monkeypatch.setattr("support.texts.ROOT", tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    found = [(text.place, " ".join(text.text.split())) for text in texts()]
    assert found == [
        ("ablation/a.py:1", "The config hash."),
        ("ablation/a.py:4", "of … cells tried"),
        ("ablation/a.py:4", "Arm"),
        ("ablation/a.py:5", "which is not exact"),
        ("README.md:1", "The config hash"),
        ("README.md:4", "- the config"),
        ("README.md:5", "- hash"),
        ("conf/study/a.yaml:1", "of two arms"),
        ("Makefile:1", "help"),
        ("conf/study/a.yaml:4", "Which arm is better?"),
        ("mkdocs.yml:1", "Two arms"),
        ("CITATION.cff:1", "Two arms of a study."),
        ("pyproject.toml:1", "Two arms"),
    ]
