"""stub"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    text: str

    def matches(self, facts):
        k, _, v = self.text.partition("=")
        return str(facts.get(k)) == v


def conditions(words):
    return [Condition(w) for w in words]


def check_keys(c, known):
    pass


def run_facts(run):
    return {**run.config, "seed": run.seed, "data": run.data, "network": run.network}
