"""One thing wrong with a request or an object."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Fault(StrEnum):
    """The ways in which a value can differ from what its type says."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    TYPE = "type"
    SHAPE = "shape"
    CHOICE = "choice"
    EMPTY = "empty"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a value is wrong (keys from the outside in), how, and in one sentence why."""

    fault: Fault
    message: str
    where: tuple[str, ...] = ()
    expected: str = ""

    @property
    def param(self) -> str:
        """The place in the form's own notation: ``line_items[0][quantity]``."""
        if not self.where:
            return ""
        return self.where[0] + "".join(f"[{key}]" for key in self.where[1:])

    def inside(self, key: str) -> "Problem":
        """The same problem seen from the value that holds it under ``key``."""
        return replace(self, where=(key, *self.where))

    def __str__(self) -> str:
        return f"{self.param or '(whole)'}: {self.message}"


Check = Callable[[object], Sequence[Problem]]
NONE_FOUND: tuple[Problem, ...] = ()


def inside(key: str, problems: Iterable[Problem]) -> list[Problem]:
    """All problems moved one level outwards."""
    return [problem.inside(key) for problem in problems]
