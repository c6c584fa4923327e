"""Reading the keys of one map: each is asked for by name and type, and what nobody asked for is warned of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from app.workflow._nodes import List, Map, Node, Scalar, described, shortened
from app.workflow.definition import Place, Problem, Severity

_WHOLE = re.compile(r"[-+]?\d{1,18}")
TRUTHS = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
"""Truth values of YAML 1.1 by their lower-case text: what the original's users wrote."""


@dataclass(slots=True)
class Findings:
    """The problems of one definition, called `subject`, as they are found. `within` is the part of it that is being read, such as
    ``in job `deploy`, step 3 (IN app)``, and stands before each sentence."""

    subject: str = ""
    problems: list[Problem] = field(default_factory=list)
    within: str = ""

    def error(self, place: Place, sentence: str, nearest: str = "") -> None:
        self._add(place, Severity.ERROR, sentence, nearest)

    def warning(self, place: Place, sentence: str, nearest: str = "") -> None:
        self._add(place, Severity.WARNING, sentence, nearest)

    def _add(self, place: Place, severity: Severity, sentence: str, nearest: str) -> None:
        told = f"{self.within}: {sentence}" if self.within else sentence
        self.problems.append(Problem(place, severity, told, self.subject, nearest))

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, "" when none is near."""
    spellings = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), spellings, 1, 0.7)
    return spellings[found[0]] if found else ""


class Keys:
    """A map being read. `noun` is what its keys are keys of, for sentences (`a job`, `an IN step`).

    Each reading method answers None or its default when the key is absent or null, and reports a value of the wrong type as an error.
    """

    def __init__(self, node: Map, noun: str, findings: Findings) -> None:
        self.node = node
        self.findings = findings
        self._noun = noun
        self._asked: dict[str, None] = {}

    def take(self, key: str) -> Node | None:
        """The value under `key`; null counts as absent."""
        self._asked[key] = None
        value = self.node.get(key)
        return None if isinstance(value, Scalar) and value.null else value

    def place(self, key: str) -> Place:
        entry = self.node.entry(key)
        return entry.place if entry else self.node.place

    def wrong(self, key: str, value: Node, wanted: str) -> None:
        self.findings.error(value.place, f"`{key}` of {self._noun} must be {wanted}, not {described(value)}")

    def text(self, key: str) -> str | None:
        """A scalar's source text."""
        value = self.take(key)
        if value is None or isinstance(value, Scalar):
            return value.text if value else None
        self.wrong(key, value, "text")
        return None

    def truth(self, key: str, default: bool | None = None) -> bool | None:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and value.text.lower() in TRUTHS:
            return TRUTHS[value.text.lower()]
        self.wrong(key, value, "true or false")
        return default

    def whole(self, key: str, least: int, most: int | None = None) -> int | None:
        """A number without a fraction from `least` to `most`, written without quotes."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, Scalar) and value.plain and _WHOLE.fullmatch(value.text):
            number = int(value.text)
            if number >= least and (most is None or number <= most):
                return number
        bounds = f"from {least} to {most}" if most is not None else f"from {least} on"
        self.wrong(key, value, f"a whole number {bounds}, without quotes")
        return None

    def choice(self, key: str, choices: Iterable[str]) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        allowed = tuple(choices)
        if isinstance(value, Scalar) and value.text in allowed:
            return value.text
        guess = nearest(value.text, allowed) if isinstance(value, Scalar) else ""
        sentence = f"`{key}` of {self._noun} must be one of {', '.join(allowed)}, not {described(value)}"
        self.findings.error(value.place, sentence, guess)
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, or one text for a list of one."""
        value = self.take(key)
        if value is None:
            return None
        items = value.items if isinstance(value, List) else (value,)
        if all(isinstance(item, Scalar) and not item.null for item in items):
            return tuple(item.text for item in items if isinstance(item, Scalar))
        self.wrong(key, value, "text or a list of texts")
        return None

    def map(self, key: str) -> Map | None:
        value = self.take(key)
        if value is None or isinstance(value, Map):
            return value
        self.wrong(key, value, "a map")
        return None

    def allow(self, keys: Iterable[str]) -> None:
        """Says that `keys` are known here, though nobody reads them."""
        self._asked.update(dict.fromkeys(keys))

    def unread(self) -> list[tuple[str, Place, str]]:
        """The keys that nobody asked for: (key, its place, the known key that was probably meant)."""
        return [(entry.key, entry.place, nearest(entry.key, self._asked)) for entry in self.node.entries if entry.key not in self._asked]

    def close(self, effect: str = "it is ignored") -> None:
        """Warns of each key that nobody asked for, and says what becomes of it: an unknown key never fails."""
        for key, place, guess in self.unread():
            self.findings.warning(place, f"`{shortened(key)}` is not a key of {self._noun}; {effect}", guess)
