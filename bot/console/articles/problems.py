"""What is wrong with an article, in the reader's language.

The rules say it once, in English, where they are checked. Here each way of saying it is tied to a sentence; what no
sentence is tied to is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.console.words import ConsoleWords
from knowledge.errors import FieldProblem

_KNOWN: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (f"problem-{name}", re.compile(pattern, re.DOTALL))
    for name, pattern in (
        # What can be stored.
        ("missing", r"is missing|String should have at least 1 character|must be given"),
        ("unknown", r"is not a field of an article"),
        ("long", r"has (?P<count>\d+) characters, more than (?P<most>\d+)"),
        ("longest", r"String should have at most (?P<most>\d+) characters?"),
        ("length", r"has (?P<count>\d+) characters, not (?P<least>\d+) to (?P<most>\d+)"),
        ("few", r"Tuple should have at least (?P<least>\d+) items? after validation, not (?P<count>\d+)"),
        ("many", r"Tuple should have at most (?P<most>\d+) items? after validation, not (?P<count>\d+)"),
        ("line", r"String should match pattern '\^\[\^.*"),
        ("slug", r"String should match pattern '\^\[a-z.*"),
        ("date", r"String should match pattern '\^\\d\{4\}.*"),
        ("day", r"must be a day such as .*|Input should be a valid date.*"),
        ("month", r"Input should be (greater|less) than or equal to \d+|Input should be a valid integer.*"),
        ("verdict-choice", r"Input should be 'true', 'false', .*"),
        ("choice", r"Input should be '.*|.+ is not one of .*"),
        ("boolean", r"Input should be a valid boolean.*"),
        ("kind-of-value", r"Input should be a valid (string|tuple|list|dictionary).*"),
        ("control", r"must not hold the control character (?P<sign>U\+[0-9A-F]+), at the □ of (?P<around>.+)"),
        ("markup", r"must be plain text or simple Markdown without HTML or links; found (?P<found>.+)"),
        ("url", r"must be a whole http.*|Input should be a valid URL.*"),
        ("needs-claim", r"a \w+ needs both a claim and a verdict"),
        ("no-claim", r"a \w+ has neither a claim nor a verdict"),
        ("scam-verdict", r"the verdict of a scam_alert is scam"),
        # What a good article keeps to.
        ("rule-overdue", r"was (?P<day>[-\d]+); look at the sources again"),
        ("rule-phrasings", r"has (?P<count>\d+) different phrasings, not (?P<least>\d+) or more"),
        ("rule-twice", r"names a phrasing twice"),
        ("rule-figure", r"the figure (?P<figure>\S+) is not in the body"),
        ("rule-hotline", r"(?P<number>\d+) is no number of the hotline table: (?P<sentence>.+)"),
        ("rule-promise", r"promises (?P<promise>[^:]+): (?P<sentence>.+)"),
        ("rule-medicine", r"speaks of stopping or changing a medicine and never says not to do it alone"),
        ("rule-sentence", r"a sentence of (?P<count>\d+) characters, more than (?P<most>\d+): (?P<sentence>.+)"),
        ("rule-mean", r"sentences have (?P<count>\d+) characters on average, more than (?P<most>\d+)"),
        ("rule-address", r"shows a web address: (?P<sentence>.+)"),
        ("rule-region", r"speaks of one place, and regions names none: (?P<sentence>.+)"),
        ("rule-publisher", r"rest on one publisher; .*"),
        ("rule-page", r"name one page twice"),
        ("rule-domain", r"(?P<url>\S+) is not under \S+; .*"),
        ("rule-validity", r"(?P<day>[-\d]+) is not within two years of (?P<looked>[-\d]+), the last look-up"),
        ("rule-itself", r"(?P<slug>\S+) is the article itself"),
        ("rule-link", r"(?P<slug>\S+) is no article"),
        ("rule-asked", r"(?P<phrase>.+) is also asked of (?P<others>.+)"),
        # What a file may be.
        ("file-header", r"must stand between two lines of ---"),
        ("file-yaml", r"is not YAML: (?P<reason>.*)|must be a list of `field: value` lines"),
        ("file-reserved", r"is not written in the front matter"),
        ("file-large", r"has (?P<size>\d+) bytes, more than (?P<most>\d+)"),
        ("file-twice", r"is also that of (?P<others>.+)"),
        ("file-encoding", r"is text in no encoding that is read here.*"),
        ("file-name", r"is no plain file name"),
        ("file-other", r"is not a \.md file"),
        ("row-source", r"must be five parts between \|.*"),
        ("row-reading", r"must be a day and what was changed, between \|"),
        ("row-not-allowed", r"your roles do not allow you to write this kind of article"),
        ("row-draft", r"has a draft that is not published; .*"),
        ("row-meanwhile", r"was changed by somebody else meanwhile"),
    )
)


def reason_of(reason: str, words: ConsoleWords) -> str:
    """One reason in the reader's language."""
    for name, pattern in _KNOWN:
        if found := pattern.fullmatch(reason):
            return words.say(name, **{key: words.shown(value or "") for key, value in found.groupdict().items()})
    return reason


def field_of(field: str, words: ConsoleWords) -> str:
    """The name of a field, such as ``sources.0.url``, as its label says it, with the number of its line."""
    name, _, rest = field.partition(".")
    number, _, part = rest.partition(".")
    try:
        label = words.say(f"articles-field-{name.replace('_', '-')}")
        if name == "second_reading":
            number, part = "", number
        inner = words.say(f"articles-part-{part}") if part else ""
    except LookupError:
        return field
    place = words.say("articles-line", number=str(int(number) + 1)) if number.isdigit() else ""
    return " ".join(filter(None, (label, place, inner)))


def sentence_of(problem: FieldProblem, words: ConsoleWords) -> str:
    """A problem with the field where it can be mended."""
    return words.say("articles-problem", field=field_of(problem.field, words), reason=reason_of(problem.reason, words))
