"""Everything the knowledge base can refuse.

KnowledgeError
├── ArticleError
│   ├── ArticleNotFound
│   ├── ArticleRetired
│   ├── ArticleOverdue
│   ├── BadReviewDate
│   └── InvalidArticleFile
├── RumourNotFound
├── TurnNotFound
├── NotFound
│   └── InvitationGone
├── NotAllowed
│   ├── HarmKept
│   ├── OwnWork
│   └── SignOffMissing
├── Conflict
│   ├── EditConflict
│   ├── NoDraft
│   ├── DraftPending
│   ├── DraftBegun
│   ├── RumourChanged
│   ├── LoginTaken
│   └── LastAdministrator
├── ReasonMissing
├── InvalidPerson
├── WeakPassword
├── TooManyAttempts
├── UnreadableUpload
├── UnreadableAddress
├── SecretTooShort
└── DatabaseNotReady
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


class KnowledgeError(Exception):
    """Something the knowledge base refuses; its message is written for the person who can mend it."""


class ArticleError(KnowledgeError):
    """Something is wrong with an article."""


class ArticleNotFound(ArticleError):
    """No article has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"There is no article {slug!r}. `qiuzhen articles check` lists the files that were not loaded."
        )
        self.slug = slug


class ArticleRetired(ArticleError):
    """The article was taken away from residents for good."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"The article {slug!r} was retired.")
        self.slug = slug


class ArticleOverdue(ArticleError):
    """The article is past its review-by date, so it is not shown until somebody has looked at it again."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"The article {slug!r} is past its review-by date. Review it, then load it with a later one.")
        self.slug = slug


class BadReviewDate(ArticleError):
    """An article's next review lies in the past, or too far ahead."""

    def __init__(self, last: str) -> None:
        super().__init__(f"The next review must be after today and not after {last}.")
        self.last = last


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong in one place of an article file."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class InvalidArticleFile(ArticleError):
    """A file is not an article; nothing of it was loaded."""

    def __init__(self, path: Path, problems: list[FieldProblem]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


class RumourNotFound(KnowledgeError):
    """No rumour has this id."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"There is no rumour {ref}.")
        self.ref = ref


class TurnNotFound(KnowledgeError):
    """This turn does not exist, or is another resident's."""

    def __init__(self, turn: int) -> None:
        super().__init__(f"Turn {turn} does not exist or belongs to somebody else.")
        self.turn = turn


class NotFound(KnowledgeError):
    """What was asked for is not there: a person, a note, a view."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        """Names what the console says of it, where it has more to say than that it is not there."""


class InvitationGone(NotFound):
    """A link for choosing a password was used already, or is too old."""

    def __init__(self) -> None:
        super().__init__("This link was used already or is too old; ask an administrator for a new one.")


class NotAllowed(KnowledgeError):
    """Somebody may not do this."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        """Names what the console says of it, where it has more to say than that the roles do not allow it."""


class HarmKept(NotAllowed):
    """High harm is made light of only by an expert."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"{ref} was rated to do high harm; only an expert may rate it lower.")
        self.ref = ref


class OwnWork(NotAllowed):
    """Nobody signs off what they wrote themselves."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"You wrote part of {slug!r}; somebody else must sign it off.")
        self.slug = slug


class SignOffMissing(NotAllowed):
    """Nobody whose word counts has signed this revision off."""

    def __init__(self, slug: str, needs: frozenset[str] = frozenset()) -> None:
        by = " or ".join(sorted(needs)) or "a second person"
        super().__init__(f"{slug!r} cannot be published before {by} has signed it off.")
        self.slug = slug
        self.needs = "、".join(sorted(needs))


class Conflict(KnowledgeError):
    """Somebody else changed it in the meantime, or it is no longer in the state this needs."""


class EditConflict(Conflict):
    """Another revision was saved meanwhile; nothing was overwritten."""

    def __init__(self, slug: str, newest: int, by: str, at: datetime | None) -> None:
        super().__init__(f"{slug!r} is at revision {newest} by {by or 'nobody'}; nothing was overwritten.")
        self.slug = slug
        self.newest = newest
        self.by = by
        self.at = at


class NoDraft(Conflict):
    """The article has no draft that could be signed off or published."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug!r} has no draft: what it says is what residents see.")
        self.slug = slug


class DraftPending(Conflict):
    """A draft that is not published yet stands in the way."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug!r} has a draft that is not published; publish or discard it first.")
        self.slug = slug


class DraftBegun(Conflict):
    """Somebody has begun the article that is to settle the rumour."""

    def __init__(self, ref: str, slug: str) -> None:
        super().__init__(f"{ref} has the article {slug!r} already; go on with that one.")
        self.ref = ref
        self.slug = slug


class RumourChanged(Conflict):
    """Somebody else worked on the rumour meanwhile, or it is in no state for this."""

    def __init__(self, ref: str, by: str = "") -> None:
        super().__init__(f"{ref} was changed meanwhile{f' by {by}' if by else ''}; look at it again.")
        self.ref = ref
        self.by = by or "—"


class LoginTaken(Conflict):
    """Somebody else signs in under this name."""

    def __init__(self, login: str) -> None:
        super().__init__(f"There is a person with the login {login!r} already.")
        self.login = login


class LastAdministrator(Conflict):
    """Somebody must be left who can look after the people."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator; make somebody else one first.")


class InvalidPerson(KnowledgeError):
    """Something that is said of a person cannot be so."""

    def __init__(self, field: str) -> None:
        super().__init__(_INVALID_PERSON[field])
        self.field = field


_INVALID_PERSON = {
    "login": "A login has 2 to 60 characters: small letters, digits, dots, hyphens and underscores.",
    "name": "A name has 1 to 60 characters.",
    "roles": "A person needs at least one role.",
    "region": "The name of a region has at most 40 characters.",
    "administrator": "An administrator is one everywhere, not in a region.",
    "token": "The name of a key has 1 to 60 characters.",
}


class WeakPassword(KnowledgeError):
    """A password that is guessed too soon: `short`, `long`, `login` or `common`."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"This password cannot be used: {problem}.")
        self.problem = problem


class TooManyAttempts(KnowledgeError):
    """Signing in failed so often, for one login or from one address, that a pause is due."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"Too many failed attempts; wait {minutes} minutes.")
        self.minutes = minutes


class ReasonMissing(KnowledgeError):
    """This is only done for a reason that is written down."""

    def __init__(self, least: int) -> None:
        super().__init__(f"Say why, in at least {least} characters.")
        self.least = least


class UnreadableUpload(KnowledgeError):
    """A file somebody sent cannot be read at all; nothing of it was kept."""

    def __init__(self, reason: str, *, limit: int = 0, missing: str = "") -> None:
        super().__init__(f"The file cannot be read ({reason}{': ' if missing else ''}{missing}).")
        self.reason = reason
        """``kind``, ``zip``, ``bomb``, ``many``, ``nested``, ``encoding``, ``xlsx``, ``columns`` or ``csv``."""
        self.limit = limit
        self.missing = missing


class UnreadableAddress(KnowledgeError):
    """A resident's address was encrypted under another secret."""

    def __init__(self) -> None:
        super().__init__("A stored address cannot be opened: QIUZHEN_SECRET is not the one it was stored under.")


class SecretTooShort(KnowledgeError):
    """The file of the secret under which residents are kept is empty, or was cut off."""

    def __init__(self, path: Path, least: int) -> None:
        super().__init__(
            f"{path} must hold a secret of at least {least} characters. Put back the one it held: with another, "
            "every resident is a stranger."
        )
        self.path = path


class DatabaseNotReady(KnowledgeError):
    """The database cannot be used as it is."""
