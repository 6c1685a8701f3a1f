"""One word per idea: no text that a person meets has a word that the glossary replaces."""

import re

import pytest
from support.texts import Text, texts

COMMIT = r"(?<!git )(?<!Git )\bcommit(?:s|ted|ting)?\b"
WORDS = {  # pattern: the word to use instead
    r"\bcannot tell\b|\bis told\b|\bare told\b|\btells? (?:a |the )?differences?\b": "inconclusive, detect",
    r"\barms?\b": "variant",
    r"(?<!standard )(?<!\w)deviations?\b": "standard deviation (SD)",
    r"\bidentit(?:y|ies)\b": "fingerprint",
    r"\bstandings?\b": "checkpoint",
    COMMIT: "checkpoint",
    r"\bmirror(?:s|ed)?\b|\bevery other time\b": "flip",
    r"\bgoes on\b|\bgo on\b|\bgoing on\b|\bbegun again\b|\bstays as it is\b": "resume, rerun, skip",
    r"\bown parts?\b|\bparts? of (?:your|one's|their) own\b": "plugin",
    r"\bis no comparison\b|\bno comparison\b|\bare no comparison\b": "not comparable",
    r"\bcareful\b": "note",
    r"\bhalf of its (?:95 % )?interval\b": "95 % CI",
    r"\btastes?\b|\btasted\b": "preflight check",
    r"(?<!learning )(?<!dropout )(?<!sampling )(?<!error )(?<!positive )(?<!discovery )\brates?\b": "learning rate",
    r"\bregrouping?s?\b": "permutation",
    r"\bin four of five studies\b": "80 % power",
}
ALLOWED = {  # place prefix: patterns that mean something else there
    "ablation/statistics/": (r"\barms?\b",),  # what its literature calls it
    "benchmarks/": (r"\barms?\b",),  # what is timed in turn
    "ablation/study/preflight/measurement.py": (COMMIT,),  # the name of a field
}
PHRASES = (  # other senses of a word
    r"standard deviations?|called `deviation`|git commits?|for a commit|each commit|pre-commit|committed table"
    r"|identity_pad|identity mappings?|identity elsewhere|identity shortcuts?|the identity|an identity"
    r"|mirror images?|cannot tell apart|error rates?|false[- ]positive rates?|learning rates?|dropout rates?"
    r"|drop rates?|a rate of|1 - rate|rate[=:]|`rate`|\* rate|Expected rate|rates? of (?:errors|convergence)"
)
TEXTS = list(texts())


def wrong(text: Text) -> list[str]:
    """The words of a text that the glossary replaces."""
    allowed = [pattern for prefix, patterns in ALLOWED.items() if text.place.startswith(prefix) for pattern in patterns]
    plain = re.sub(PHRASES, "…", text.text, flags=re.IGNORECASE)
    found = []
    for pattern, better in WORDS.items():
        match = None if pattern in allowed else re.search(pattern, plain, re.IGNORECASE)
        if match:
            found.append(f"{text.place}: {match[0]!r} instead of {better}: {text.text.strip()[:160]}")
    return found


@pytest.mark.parametrize("kind", ["prose", "string", "docstring", "comment"])
def test_texts_use_the_words_of_the_glossary(kind):
    found = [line for text in TEXTS if text.kind == kind for line in wrong(text)]
    assert not found, "\n" + "\n".join(found)


def test_the_glossary_is_looked_for():
    for line in ("two arms differ", "its deviation is small", "the run goes on", "a smaller rate", "committed twice"):
        assert wrong(Text("README.md:1", "prose", line)), line
    for line in ("its standard deviation", "a git commit", "the learning rate", "options A (identity_pad)"):
        assert not wrong(Text("README.md:1", "prose", line)), line
