"""The tables, one module a subject; importing this package registers them all."""

from knowledge.models.articles import Article, ArticleRevision, ArticleSource, Counter, Kind, Status, Topic, Verdict
from knowledge.models.audit import AuditRow
from knowledge.models.base import Base
from knowledge.models.people import Person, PersonRole, Role
from knowledge.models.residents import Band, Delivery, Feedback, Resident, Turn
from knowledge.models.rumours import Follower, Rumour, RumourKind, RumourStatus, Sighting

__all__ = [
    "Article",
    "ArticleRevision",
    "ArticleSource",
    "AuditRow",
    "Band",
    "Base",
    "Counter",
    "Delivery",
    "Feedback",
    "Follower",
    "Kind",
    "Person",
    "PersonRole",
    "Resident",
    "Role",
    "Rumour",
    "RumourKind",
    "RumourStatus",
    "Sighting",
    "Status",
    "Topic",
    "Turn",
    "Verdict",
]
