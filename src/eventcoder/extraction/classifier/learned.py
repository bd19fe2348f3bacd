"""Models that a project learned from its decisions: where they lie, and which one is in use. Floor 5.

Layout, in the project's folder (goes into git):

    classifier/
      1/ 2/ ...              versions, each written once: types.npz, priors.csv (as in schema/classifier) and scores.json
      current                the number of the version in use, or "base"; absent: the packaged model
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.errors import CodebookError, ProjectError
from eventcoder.extraction.classifier.features import VERSION
from eventcoder.extraction.classifier.voting import MODEL, PRIORS, Voter, open_voter

if TYPE_CHECKING:
    from eventcoder.extraction.kit import Kit

FOLDER = "classifier"
CURRENT = "current"
BASE = "base"
FEATURES = "features"  # in the model's `about`: of which version the features are that it was trained on
_DIGITS = 6  # of the hash in a version's name


def in_use(folder: Path) -> int:
    """The number of the version in use, 0 for the packaged model. Raises `ProjectError` where `current` says what is not there."""
    try:
        said = (folder / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        return 0
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{folder / CURRENT} cannot be read: {error}.", "Choose with 'eventcoder learn --use'.") from None
    if said == BASE:
        return 0
    if not (said.isascii() and said.isdigit() and int(said) > 0):
        raise ProjectError(f"{folder / CURRENT} says {said[:40]!r}, which is no version.", "Choose with 'eventcoder learn --use N' or '--use base'.")
    if not (folder / said / MODEL).is_file():
        raise ProjectError(f"{folder / CURRENT} names version {said}, which is not here.", "Fetch it, or run 'eventcoder learn --use base'.")
    return int(said)


def take_learned(kit: Kit, root: Path) -> None:
    """Let the kit use the model that the project in `root` has chosen, if it has learned one. Raises `ProjectError`."""
    folder = root / FOLDER
    number = in_use(folder)
    if number:
        kit.learned = folder / str(number)
        kit.model_version = version_name(kit.learned)


def version_name(version: Path) -> str:
    """How a version stands in an engine's version: "learned.3.9f2c01". The hash tells apart what two coders learned on two machines."""
    held = hashlib.sha256((version / MODEL).read_bytes() + (version / PRIORS).read_bytes())
    return f"learned.{version.name}.{held.hexdigest()[:_DIGITS]}"


def open_learned(version: Path) -> Voter:
    """The model of a version's folder. Raises `CodebookError` if it is damaged or was made for features that this program no longer has."""
    voter = open_voter(version)
    made_for = voter.model.about.get(FEATURES)
    if made_for != VERSION:
        raise CodebookError(
            f"The model of {version} was learned by another eventcoder (features {made_for}, here {VERSION}).",
            "Run 'eventcoder learn' again, or 'eventcoder learn --use base'.",
        )
    return voter
