"""Settings from environment variables. A variable that is empty counts as absent; an error names its variable."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lanecrypt._options import COST_MAX, COST_MIN, THREADS_MAX
from lanecrypt.aws._errors import ConfigError

LEAST_LANES = 6  # what WORKER_COUNT may always be, as in the other deployables


class Environment:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "") or default

    def required(self, name: str, what: str) -> str:
        value = self.text(name)
        if not value:
            raise ConfigError(f"{name} must be set: {what}")
        return value

    def one_of(self, name: str, *allowed: str) -> str:
        """The first of the allowed texts is the default."""
        value = self.text(name, allowed[0])
        if value not in allowed:
            raise ConfigError(f"{name} must be {' or '.join(allowed)}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and low <= int(text[:12]) <= high):
            raise ConfigError(f"{name} must be a number from {low} to {high}")
        return int(text)

    def max_cost(self) -> int:
        return self.number("LANECRYPT_MAX_COST", 14, COST_MIN, COST_MAX)

    def cost(self, name: str, default: int) -> int:
        """A cost within LANECRYPT_MAX_COST."""
        cost = self.number(name, default, COST_MIN, COST_MAX)
        if cost > self.max_cost():
            raise ConfigError(f"{name} is {cost}, over LANECRYPT_MAX_COST, which is {self.max_cost()}")
        return cost

    def threads(self) -> int | None:
        """WORKER_COUNT; None, which is what the machine pays for, where it is absent or no number."""
        text = self.text("WORKER_COUNT")
        if not (text.isascii() and text.isdigit()):
            return None
        return max(1, min(int(text[:6]), max(LEAST_LANES, os.cpu_count() or 1), THREADS_MAX))

    def engine(self) -> str | None:
        """LANECRYPT_ENGINE, if it can run here."""
        name = self.text("LANECRYPT_ENGINE")
        if not name:
            return None
        import lanecrypt

        if name not in {each.name for each in lanecrypt.engines() if each.state == "ready"}:
            raise ConfigError("LANECRYPT_ENGINE must be the name of an engine that runs here")
        return name
