"""The frame of a client script: one JSON object in (argv[1]), one JSON object out."""

import json
import sys
from collections.abc import Callable


class Refused(Exception):
    """The server's answer, as the client library understood it."""

    def __init__(self, **seen):
        super().__init__(seen.get("error"))
        self.seen = seen


def report(attempt: Callable[[dict], dict]) -> None:
    """Runs `attempt` on the configuration and prints what happened.

    A refusal that the library parsed is printed field by field. Any other exception is
    printed under its own name and leaves `error` null, so that a test that expects a
    parsed error fails on it and shows the cause.
    """
    config = json.loads(sys.argv[1])
    try:
        outcome = {"ok": True, **attempt(config)}
    except Refused as refused:
        outcome = {"ok": False, **refused.seen}
    except Exception as failure:  # the boundary: every failure becomes an answer
        outcome = {"ok": False, "error": None, "exception": f"{type(failure).__name__}: {failure}"}
    print(json.dumps(outcome))
