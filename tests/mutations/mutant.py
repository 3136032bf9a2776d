"""One guard, broken."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A change of one file, and the tests in `suite` that are to notice it."""

    name: str
    file: str
    old: str
    new: str
    suite: str
    tests: tuple[str, ...]

    @property
    def nodes(self) -> list[str]:
        """The tests as pytest is told them."""
        return [f"{self.suite}::{test}" for test in self.tests]

    def mutated(self, root: Path) -> str:
        """Return the changed file's text. Raises ValueError unless `old` is there exactly once."""
        text = (root / self.file).read_text()
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: its old text is {count} times in {self.file}")
        return text.replace(self.old, self.new)
