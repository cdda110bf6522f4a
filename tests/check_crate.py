#!/usr/bin/env python3
"""Asks roc-validator whether a folder is a Process Run Crate 0.5, or one of another profile, without a network.

usage: check_crate.py FOLDER [PROFILE]    (by a Python that has roc-validator and rocrate)
What the validator would fetch, the contexts of RO-Crate, comes from the package rocrate.
"""
import importlib.resources
import json
import sys

from rocrate_validator.cli import cli
from rocrate_validator.utils.http import HttpRequester


class Context:
    """A context as if it had been fetched."""

    status_code = 200
    headers = {"Content-Type": "application/ld+json"}

    def __init__(self, url):
        assert url.startswith("https://w3id.org/ro/"), f"the crate names {url}"
        text = (importlib.resources.files("rocrate") / "data/ro-crate.jsonld").read_text()
        # The package's context is of RO-Crate 1.2; in that of 1.1 the terms of Bioschemas have other names.
        terms = json.loads(text.replace("bioschemas.org/terms/", "bioschemas.org/"))["@context"]
        terms |= {name: f"https://bioschemas.org/ComputationalWorkflow#{name}" for name in ("input", "output")}
        self.text = json.dumps({"@context": terms if "crate" in url else {}})
        self.content = self.text.encode()

    def json(self):
        return json.loads(self.text)


HttpRequester.get = lambda self, url, **more: Context(url)
# The availability check asks the network for the files that the crate names, which are in the folder.
sys.argv = ["rocrate-validator", "validate", "--no-paging", "--verbose", "--skip-availability-check",
            "--profile-identifier", (sys.argv[2:] or ["process-run-crate"])[0], "--requirement-severity", "REQUIRED", sys.argv[1]]
cli()
