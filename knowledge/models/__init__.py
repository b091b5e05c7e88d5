"""The tables, one module a subject; importing this package registers them all."""

from knowledge.models.alerts import Alert, AlertReason
from knowledge.models.articles import (
    Article,
    ArticleRevision,
    ArticleSource,
    Counter,
    Kind,
    SignOff,
    Status,
    Topic,
    Verdict,
)
from knowledge.models.audit import AuditRow
from knowledge.models.base import Base
from knowledge.models.links import LinkState, SourceLink
from knowledge.models.notices import Notice, Reason
from knowledge.models.people import (
    ApiToken,
    Failures,
    Invitation,
    Person,
    PersonRole,
    Role,
    SavedView,
    SignIn,
)
from knowledge.models.residents import Band, Delivery, Feedback, Resident, Turn
from knowledge.models.rumours import (
    UNSETTLED,
    Follower,
    Harm,
    NoteKind,
    Original,
    Rumour,
    RumourKind,
    RumourNote,
    RumourStatus,
    Sighting,
)

__all__ = [
    "UNSETTLED",
    "Alert",
    "AlertReason",
    "ApiToken",
    "Article",
    "ArticleRevision",
    "ArticleSource",
    "AuditRow",
    "Band",
    "Base",
    "Counter",
    "Delivery",
    "Failures",
    "Feedback",
    "Follower",
    "Harm",
    "Invitation",
    "Kind",
    "LinkState",
    "NoteKind",
    "Notice",
    "Original",
    "Person",
    "PersonRole",
    "Reason",
    "Resident",
    "Role",
    "Rumour",
    "RumourKind",
    "RumourNote",
    "RumourStatus",
    "SavedView",
    "Sighting",
    "SignIn",
    "SignOff",
    "SourceLink",
    "Status",
    "Topic",
    "Turn",
    "Verdict",
]
