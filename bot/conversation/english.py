"""Cries for help in English: dangers and harm done, by written rules as in `danger.py` and `scam.py`.

What was learned from examples knows Chinese only, and so do the articles: who writes English in an emergency would get
"not known". Few residents do, and then in plain words.
"""

from __future__ import annotations

import re

from bot.conversation.danger import Danger
from bot.conversation.scam import Harm

_WORDS = re.IGNORECASE | re.DOTALL
_TAKEN = r"\b(drank|drunk|drinks?|drinking|swallow(s|ed)|ate|eaten|eats|took|taken|ingested)\b"
_KIN = r"(son|daughter|child|kid|boy|girl|baby|mother|mom|mum|father|dad|grand\w+|wife|husband|brother|sister)"
# In order of precedence, as the signs of `danger.py`.
_DANGERS = {
    Danger.SELF_HARM: r"\b(kill(ing)? (my|him|her)self|suicid\w*|end (my|her|his) life|wants? to die|"
    r"don'?t want to live|cut(ting)? (my|his|her) wrists?|jump off|hang(ed|ing)? (my|him|her)self)\b",
    Danger.POISON: rf"{_TAKEN}.{{0,40}}\b(pesticides?|paraquat|weed ?killer|insecticide|rat poison|poison|bleach|"
    r"disinfectant|detergent|(button )?batter(y|ies)|magnets?|methanol|antifreeze|petrol|(whole|entire) bottle|"
    r"too many pills|all (my|his|her|the) pills|sleeping pills)\b|\boverdos(e|ed)\b",
    Danger.GAS_POISONING: r"\b(carbon monoxide|coal stove|charcoal|gas heater|water heater|brazier)\b.{0,60}\b(dizzy|"
    r"faint\w*|unconscious|headache|vomit\w*|throwing up|collapsed|poison\w*|(not|won'?t|doesn'?t) wak\w+)\b",
    Danger.GAS_LEAK: r"\bsmells? (of |like )?(\w+ )?gas\b|\bgas (is )?leak\w*",
    Danger.FIRE: r"\b(is|are|was|caught|catches|on) (on )?fire\b|\bthere('?s| is) (a )?fire\b|\b(house|flat|kitchen|"
    r"room|building|battery|curtain|pan|oil)\b.{0,20}\bburning\b",
    Danger.FOOD_POISONING: r"\b(mushrooms?|puffer ?fish|fugu|wild (plant|herb|vegetable)s?|aconite|"
    r"herbal wine)\b.{0,60}\b(vomit\w*|throw(ing)? up|dizzy|hallucinat\w*|diarrh\w*|numb|seeing things)\b",
    Danger.CHOKING: r"\bchok(ed|ing|es)\b|\bstuck in (my|his|her|the) throat\b.{0,40}\b(breath\w*|blue|speak)\b",
    Danger.TRAPPED: r"\b(trapped|stuck|buried)\b.{0,30}\b(water|flood|car|elevator|lift|rubble|house|building|mud|"
    r"roof)\b|\b(elevator|lift)\b.{0,12}\bstuck\b|\bcar\b.{0,20}\b(in|into) (the )?(river|water|lake)\b",
    Danger.DROWNING: r"\bdrown(ing|ed)\b|\bfell (into|in) (the |a )?(river|lake|pond|water|well|sea|pool|ditch|ice)\b",
    Danger.ELECTRIC_SHOCK: r"\belectrocut\w*|\belectric shock\b|\bgot shocked\b|\b(power line|wire)\b.{0,12}\b(fell|"
    r"down|fallen)\b",
    Danger.LIGHTNING: r"\bstruck by lightning\b|\blightning (struck|hit)\b",
    Danger.STROKE: r"\b(face|mouth|smile)\b.{0,24}\b(droop\w*|numb|twisted|crooked|one side)\b|\bslur\w*|"
    r"\bcan'?t (speak|talk)\b|\b(one side|(left|right) (side|arm|leg|hand))\b.{0,24}\b(weak|numb|can'?t move|"
    r"paraly\w*)\b|\b(having|had) a stroke\b",
    Danger.HEART_ATTACK: r"\bchest\b.{0,12}\b(pain\w*|hurts?|tight\w*|pressure|killing)\b|\bheart attack\b",
    Danger.HEAT_STROKE: r"\bheat ?stroke\b|\b(sun|heat)\b.{0,30}\b(collapsed|passed out|unconscious|faint\w*)\b|"
    r"\b(collapsed|passed out|faint\w*)\b.{0,30}\b(sun|heat)\b",
    Danger.SNAKE_BITE: r"\b(snake|wasps?|hornets?|bees?|scorpion|centipede)\b.{0,16}\b(bit|bites?|bitten|stung|"
    r"stings?)\b|\b(bit|bitten|stung) by (a |an |some |the )?(\w+ )?(snake|wasps?|hornets?|bees?|scorpion|"
    r"centipede)\b",
    Danger.VIOLENCE: r"\b(beat(s|ing)?|hit(s|ting)?|attack(s|ed|ing)|stab(bed|bing)?|strangl\w+)\b (me|my|her|him|"
    r"us)\b|\bhas a knife\b|\bfollowing me\b|\bkidnapped\b",
    Danger.MISSING: rf"\b{_KIN}\b.{{0,24}}\b(is missing|went missing|has disappeared|disappeared|got lost|"
    r"hasn'?t come home)\b|"
    rf"\bcan'?t find my {_KIN}\b",
    Danger.MEDICAL: r"\b(unconscious|pass(ed)? out|faint(ed|s)|collapsed|(not|isn'?t) breathing|stopped breathing|"
    r"(can'?t|cannot) breathe|no pulse|seizures?|convuls\w+)\b|\b(won'?t|doesn'?t|not|can'?t) wak(e|ing)\b|"
    r"\bbleeding\b.{0,16}\b(heavily|a lot|badly|stop\w*)\b|\b(vomit|cough|throw)\w* (up )?blood\b|\bhit by a (car|"
    r"truck|bus)\b|\bfell (from|off|down)\b.{0,20}\b(roof|ladder|stairs|building|window|tree|floor)\b|\b(badly|"
    r"severely) burn(ed|t)\b",
}
_HARMS = {
    Harm.CODE_GIVEN: rf"\b(gave|told|sent|shared|read)\b (?!my {_KIN}).{{0,30}}\b(verification|sms|bank|security)?\W?"
    r"(codes?|otp|passwords?|pin)\b(?! (for|of|to) the (door|gate|lift|wifi))",
    Harm.SCREEN_SHARED: r"\b(shared|sharing) (my|the|his|her) screen\b|\bremote control\b",
    Harm.MONEY_SENT: r"\b(sent|transferred|wired|paid)\b.{0,24}\b(money|yuan|rmb|\d{3,}|all of it)\b.{0,12}\bto (him|"
    r"her|them|the (scammer|stranger|caller|police|officer|swindler))\b|\b(got|was|been|were|am|'m) (just )?(scammed|"
    r"cheated|swindled|defrauded)\b|\bscammed (me|my|us|him|her)\b",
}
_NOT_NOW = re.compile(
    r"\b(in case|what (is|are|causes)|how (can|do|does|to) (\w+ )?(prevent|avoid|know|tell|recogni[sz]e|spot)|"
    r"prevent\w*|"
    r"is it true|true that|can (\w+ ){1,4}(cause|cure|prevent|kill|lead)|does (\w+ ){1,4}(cause|cure|prevent|kill)|"
    r"symptoms?|rumou?r|in the news|movie|film|novel|game|joke|years? ago|last (year|month|week)|when i was|used to|"
    r"someone said|they say|people say|article|video)\b",
    _WORDS,
)
_OWN = re.compile(
    rf"\b(i (am|can'?t|just|swallowed|drank|fell|ate|took)|(my {_KIN}|he|she) (is|was|has|just|can'?t|won'?t|doesn'?t|"
    r"isn'?t|collapsed|swallowed|drank|fell|ate|took))\b",
    _WORDS,
)
"""Somebody of one's own, and what happens to them: outweighs most of what speaks for a general question."""


def danger_told(text: str) -> Danger | None:
    """The danger somebody is in right now, or none."""
    return None if _NOT_NOW.search(text) and not _OWN.search(_straight(text)) else named_danger(text)


def named_danger(text: str) -> Danger | None:
    """The danger that a text speaks of at all, or none."""
    straight = _straight(text)
    return next((danger for danger, words in _DANGERS.items() if re.search(words, straight, _WORDS)), None)


def harm_told(text: str) -> Harm | None:
    """What the resident says has already happened, or none."""
    if _NOT_NOW.search(text):
        return None
    straight = _straight(text)
    return next((harm for harm, words in _HARMS.items() if re.search(words, straight, _WORDS)), None)


def _straight(text: str) -> str:
    """With the apostrophe of the patterns, where a phone types another."""
    return text.replace("’", "'")
