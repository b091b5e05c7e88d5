"""The web chat over HTTP: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from itsdangerous import TimestampSigner
from starlette.applications import Starlette

from bot.channels.web.presentation import lines_of, tone_of
from bot.channels.web.wording import Language, Reason, negotiate, words_of
from bot.channels.webchat import BODY_LIMIT, WebChat
from tests.bot.channels.conftest import ANSWER, HEADLINE, NOTICE, Letters, NewMessage, SmallTalk, site

SIMPLIFIED = words_of("求真", "青河县")[Language.SIMPLIFIED]
JSON = {"content-type": "application/json"}


def signed(minutes: int) -> str:
    """The cookie of somebody, signed that many minutes from now."""

    class Elsewhere(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() + minutes * 60

    return Elsewhere("a secret of the tests", salt="qiuzhen.webchat.resident").sign("somebody").decode()


async def test_page_says_what_it_is_and_works_without_a_script(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert "青河县科协" in page.text
    assert "我不是医生，也不是警察" in page.text
    assert re.findall(r'href="tel:(\d+)"', page.text) == ["110", "119", "120"]
    assert '<form id="composer" class="composer" method="post" action="/chat#answer">' in page.text


async def test_what_waits_is_told_on_the_next_visit_once_and_its_buttons_work(
    client: httpx.AsyncClient, letters: Letters, talk: SmallTalk
) -> None:
    await client.get("/")
    letters.waiting.append(NOTICE)
    page = await client.get("/")
    assert page.text.index("井水没有毒") < page.text.index('class="intro"')
    assert "村口&lt;井水&gt;" in page.text
    assert "村口<井水>" not in page.text
    again = await client.get("/")
    assert "井水没有毒" not in again.text
    assert len({address for _, address in letters.asked_for[1:]}) == 1
    assert {channel for channel, _ in letters.asked_for} == {"web"}
    await client.post("/chat", data={"id": "message-9", "pressed": "hush:1"})
    assert [message.pressed for message in talk.heard] == ["hush:1"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"sec-purpose": "prefetch"}),
        ("GET", {"sec-purpose": "prefetch;prerender"}),
        ("GET", {"purpose": "prefetch"}),
    ],
)
async def test_a_page_nobody_looks_at_uses_nothing_up(
    client: httpx.AsyncClient, letters: Letters, method: str, headers: dict[str, str]
) -> None:
    await client.get("/")
    letters.waiting.append(NOTICE)
    assert (await client.request(method, "/", headers=headers)).status_code == 200
    assert "井水没有毒" in (await client.get("/")).text


async def test_open_page_asks_for_what_is_new(client: httpx.AsyncClient, letters: Letters) -> None:
    await client.get("/")
    letters.waiting.append(NOTICE)
    response = await client.post("/chat/notices")
    assert [reply["text"] for reply in response.json()["replies"]] == [NOTICE.text]
    assert response.json()["replies"][0]["tone"] == "false"
    assert response.headers["cache-control"] == "no-store"
    assert (await client.post("/chat/notices")).json() == {"replies": []}


async def test_no_other_site_can_take_what_waits(client: httpx.AsyncClient, letters: Letters) -> None:
    letters.waiting.append(NOTICE)
    response = await client.post("/chat/notices", headers={"sec-fetch-site": "cross-site"})
    assert (response.status_code, response.json()) == (403, {"replies": []})
    assert (await client.get("/chat/notices")).status_code == 405
    assert letters.waiting == [NOTICE]


async def test_page_comes_also_when_what_waits_cannot_be_read(client: httpx.AsyncClient, letters: Letters) -> None:
    await client.get("/")
    letters.failing = True
    assert (await client.get("/")).status_code == 200
    assert (await client.post("/chat/notices")).json() == {"replies": []}


async def test_question_is_answered_as_json(client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage) -> None:
    response = await client.post("/chat/messages", json=message(text="喝高度白酒能杀死病毒吗"))
    assert response.status_code == 200
    reply = response.json()
    assert reply["text"] == ANSWER.text
    assert reply["choices"][0][0] == {"token": "fb:1:y", "label": "有用"}
    assert reply["sources"][0] == {
        "title": "饮酒能杀死病毒吗？",
        "publisher": "国家卫生健康委员会",
        "url": "https://example.org/a",
        "date": "2026-03-12",
    }
    assert (reply["language"], reply["route"], reply["band"]) == ("zh-Hans", "question", "sure")
    assert (reply["article"], reply["verdict"], reply["repeated"]) == ("liquor-virus", "false", False)
    assert reply["tone"] == "false"
    assert "turn" not in reply
    assert [(m.channel, m.text, m.pressed, m.forwarded) for m in talk.heard] == [
        ("web", "喝高度白酒能杀死病毒吗", None, False)
    ]


async def test_pressed_button_and_forward_are_told_apart(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    await client.post("/chat/messages", json=message(pressed="pick:3:1"))
    await client.post("/chat/messages", json=message(text="转给家人：吃蒜防癌", forwarded=True))
    assert [(m.text, m.pressed, m.forwarded) for m in talk.heard] == [
        ("", "pick:3:1", False),
        ("转给家人：吃蒜防癌", None, True),
    ]


async def test_same_id_of_the_same_resident_is_the_same_message(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    await client.get("/")
    again = message(text="吃蒜防癌吗")
    first = await client.post("/chat/messages", json=again)
    second = await client.post("/chat/messages", json=again)
    assert len(talk.heard) == 1
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert first.json()["text"] == second.json()["text"]


async def test_another_question_of_the_same_form_gets_its_own_answer(
    client: httpx.AsyncClient, talk: SmallTalk
) -> None:
    await client.get("/")
    for fields in (
        {"text": "吃蒜防癌吗"},
        {"text": "隔夜菜"},
        {"text": "隔夜菜", "forwarded": "1"},
        {"pressed": "aid:paid"},
    ):
        page = await client.post("/chat", data={"id": "message-9"} | fields)
    assert [(m.text, m.pressed, m.forwarded) for m in talk.heard] == [
        ("吃蒜防癌吗", None, False),
        ("隔夜菜", None, False),
        ("隔夜菜", None, True),
        ("", "aid:paid", False),
    ]
    assert "您选了 aid:paid" in page.text


async def test_same_id_of_another_resident_is_another_message(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    same = message(text="吃蒜防癌吗")
    await client.post("/chat/messages", json=same)
    client.cookies.clear()
    await client.post("/chat/messages", json=same)
    assert len({m.key for m in talk.heard}) == 2
    assert len({m.address for m in talk.heard}) == 2
    assert all(m.address not in m.key for m in talk.heard)


async def test_resident_stays_the_same_for_a_year(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    page = await client.get("/")
    cookie = SimpleCookie(page.headers["set-cookie"])["qiuzhen_resident"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert not cookie["secure"]
    for text in ("一", "二"):
        await client.post("/chat/messages", json=message(text=text))
    assert len({m.address for m in talk.heard}) == 1


async def test_cookie_is_signed_anew_once_a_day(client: httpx.AsyncClient, message: NewMessage) -> None:
    await client.get("/")  # the back key finds an answer only under the cookie that it was asked for with
    assert "set-cookie" not in (await client.post("/chat/messages", json=message(text="一"))).headers
    client.cookies.set("qiuzhen_resident", signed(minutes=-25 * 60), domain="qiuzhen.test")
    assert "qiuzhen_resident=somebody." in (await client.get("/")).headers["set-cookie"]


@pytest.mark.parametrize("path", ["/chat", "/chat/messages"])
async def test_who_is_forgotten_is_new_and_answered_in_the_language_of_the_page(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage, path: str
) -> None:
    await client.post("/chat/language", data={"language": "en"})
    forget = message(pressed="forget:yes")
    gone = await client.post(path, json=forget) if path.endswith("s") else await client.post(path, data=forget)
    assert gone.headers["set-cookie"].startswith('qiuzhen_resident=""; expires=')
    await client.post("/chat/messages", json=message(text="/privacy"))
    await client.post("/chat/messages", json=message(text="/mine"))
    assert [m.text for m in talk.heard] == ["/language en", "", "/language en", "/privacy", "/mine"]
    assert [m.address == talk.heard[0].address for m in talk.heard] == [True, True, False, False, False]
    assert len({m.address for m in talk.heard}) == 2


async def test_who_could_not_be_forgotten_stays_known(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    await client.get("/")
    talk.too_many = True
    page = await client.post("/chat", data={"id": "message-1", "pressed": "forget:yes"})
    assert "set-cookie" not in page.headers
    assert "clear-site-data" not in page.headers


async def test_forged_cookie_makes_a_new_resident(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    await client.post("/chat/messages", json=message(text="一"))
    signed = client.cookies["qiuzhen_resident"]
    client.cookies.clear()
    client.cookies.set("qiuzhen_resident", "somebody-else" + signed[signed.index(".") :])
    await client.post("/chat/messages", json=message(text="二"))
    assert talk.heard[1].address not in {"somebody-else", talk.heard[0].address}


@pytest.mark.parametrize(
    ("minutes", "is_known"), [(-60, True), (0, True), (2, True), (60, False), (-366 * 1440, False)]
)
async def test_cookie_of_a_clock_that_is_a_little_ahead_is_good(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage, minutes: int, is_known: bool
) -> None:
    client.cookies.set("qiuzhen_resident", signed(minutes))
    await client.post("/chat/messages", json=message(text="一"))
    assert (talk.heard[0].address == "somebody") is is_known


async def test_one_network_brings_only_so_many_new_residents(talk: SmallTalk, message: NewMessage) -> None:
    app = Starlette(routes=list(WebChat(talk, secret="a secret of the tests", newcomers_per_minute=3).routes()))

    def browser(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://qiuzhen.test")

    async with browser("2001:db8::1") as known, browser("2001:db8::2") as loop, browser("2001:db8:0:1::1") as other:
        assert (await known.post("/chat/messages", json=message(text="一"))).status_code == 200
        for path, status in (("messages", 200), ("messages", 200), ("messages", 429), ("messages", 429)):
            loop.cookies.clear()
            answer = await loop.post(f"/chat/{path}", json=message(text="一"))
            assert answer.status_code == status
        assert answer.json()["error"] == SIMPLIFIED.refusals[Reason.TOO_MANY]
        page = await loop.get("/")  # shown, but no way round: it gives no cookie
        assert (page.status_code, "set-cookie" in page.headers) == (200, False)
        form = await loop.post("/chat", data={"id": "message-9", "text": "一"})
        assert (form.status_code, "歇一会儿" in form.text) == (429, True)
        for welcome in (known, other):
            assert (await welcome.post("/chat/messages", json=message(text="二"))).status_code == 200
    assert len(talk.heard) == 5


@pytest.mark.parametrize(
    ("base", "headers", "trust", "secure"),
    [
        ("https://qiuzhen.test", {}, False, True),
        ("http://qiuzhen.test", {"x-forwarded-proto": "https"}, False, False),
        ("http://qiuzhen.test", {"x-forwarded-proto": "http, https"}, True, True),
        ("http://qiuzhen.test", {"x-forwarded-proto": "https, http"}, True, False),
    ],
)
async def test_cookie_is_secure_over_https_and_believes_a_proxy_only_when_told(
    talk: SmallTalk, base: str, headers: dict[str, str], trust: bool, secure: bool
) -> None:
    transport = httpx.ASGITransport(site(talk, trust_proxy=trust))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        page = await client.get("/", headers=headers)
    assert bool(SimpleCookie(page.headers["set-cookie"])["qiuzhen_resident"]["secure"]) is secure


def test_empty_secret_is_refused(talk: SmallTalk) -> None:
    with pytest.raises(ValueError, match="secret"):
        WebChat(talk, secret="")


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/chat"])
async def test_every_response_is_guarded(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in response.headers["permissions-policy"]


async def test_page_has_no_inline_script_or_style_and_no_foreign_address(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", page)
    assert not re.search(r"(?:src|href|action)=\"(?!/|tel:|#)", page)


async def test_static_files_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    files = re.findall(r"\"(/static/[^\"]+)\"", page)
    assert {file.rpartition(".")[2] for file in files} == {"css", "js", "svg"}
    for file in files:
        response = await client.get(file)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert re.search(r"\.[0-9a-f]{12}\.", file)
    assert (await client.get("/")).headers["cache-control"] == "no-store"


async def test_icon_is_ours(client: httpx.AsyncClient) -> None:
    assert (await client.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


async def test_page_leads_to_all_articles_and_an_answer_to_its_own(client: httpx.AsyncClient) -> None:
    assert 'href="/topics"' in (await client.get("/")).text
    answered = (await client.post("/chat", data={"id": "message-1", "text": "喝酒"})).text
    assert f'href="/a/{ANSWER.article}"' in answered
    menu = (await client.post("/chat", data={"id": "message-2", "text": "隔夜菜"})).text
    assert 'href="/a/' not in menu


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "http://qiuzhen.test"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://qiuzhen.test"}, 200),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_only_our_own_page_may_post(
    client: httpx.AsyncClient, message: NewMessage, headers: dict[str, str], status: int
) -> None:
    response = await client.post("/chat/messages", content=json.dumps(message(text="问")), headers=JSON | headers)
    assert response.status_code == status
    assert response.is_success or re.search(r"[一-鿿]", response.json()["error"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ('"x"', 422),
        ("{}", 422),
        ('{"id": "message-1"}', 422),
        ('{"id": "message-1", "text": 5}', 422),
        ('{"id": "message-1", "text": null, "pressed": null}', 422),
        ('{"id": "message-1", "text": "a", "pressed": "b"}', 422),
        ('{"id": "message-1", "pressed": ""}', 422),
        ('{"id": "message-1", "pressed": "' + "长" * 22 + '"}', 422),
        ('{"id": "message-1", "text": " \\n "}', 422),
        ('{"id": "message-1", "text": "a", "forwarded": "yes"}', 422),
        ('{"id": 5, "text": "a"}', 422),
        ('{"id": "短", "text": "a"}', 422),
        ('{"id": "' + "x" * 65 + '", "text": "a"}', 422),
    ],
)
async def test_what_is_no_message_is_refused_in_words_for_people(
    client: httpx.AsyncClient, talk: SmallTalk, body: str, status: int
) -> None:
    response = await client.post("/chat/messages", content=body, headers=JSON)
    assert response.status_code == status
    assert re.search(r"[一-鿿]", response.json()["error"])
    assert talk.heard == []


async def test_bytes_that_are_no_text_are_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat/messages", content=b'{"id": "message-1", "text": "\xff"}', headers=JSON)
    assert response.status_code == 400


async def test_half_a_character_and_nul_do_no_harm(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    body = r'{"id": "message-1", "text": "a\ud800b\u0000c\ud83d\ude00"}'
    response = await client.post("/chat/messages", content=body, headers=JSON)
    assert response.status_code == 200
    assert talk.heard[0].text == "a\ufffdb\ufffdc😀"


async def test_hundred_thousand_characters_are_passed_on(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    response = await client.post("/chat/messages", json=message(text="a" * 100_000))
    assert response.status_code == 200
    assert len(talk.heard[0].text) == 100_000


async def test_body_over_the_limit_is_refused_whether_it_says_so_or_not(
    client: httpx.AsyncClient, message: NewMessage
) -> None:
    body = json.dumps(message(text="a" * BODY_LIMIT)).encode()

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 60_000):
            yield body[start : start + 60_000]

    for content in (body, unannounced()):
        response = await client.post("/chat/messages", content=content, headers=JSON)
        assert response.status_code == 413
        assert "太长" in response.json()["error"]


async def test_silence_is_a_calm_429(client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage) -> None:
    talk.flooded = True
    response = await client.post("/chat/messages", json=message(text="问"))
    assert response.status_code == 429
    assert "歇一会儿" in response.json()["error"]


async def test_what_was_answered_and_is_not_kept_can_be_asked_anew(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage
) -> None:
    await client.get("/")
    talk.forgetful = True
    sent = message(text="吃蒜防癌吗")
    await client.post("/chat/messages", json=sent)
    again = await client.post("/chat/messages", json=sent)
    assert (again.status_code, again.json()["reason"]) == (410, "gone")
    page = await client.post("/chat", data={"id": str(sent["id"]), "text": "吃蒜防癌吗"})
    assert page.status_code == 410
    assert SIMPLIFIED.refusals[Reason.GONE] in page.text
    composer = page.text.partition('id="composer"')[2]
    assert "吃蒜防癌吗</textarea>" in composer
    key = re.findall(r'name="id" value="([^"]*)"', composer)[0]
    assert (await client.post("/chat", data={"id": key, "text": "吃蒜防癌吗"})).status_code == 200
    assert len(talk.heard) == 2


async def test_failure_is_told_kindly_and_logged_without_what_was_written(
    client: httpx.AsyncClient, talk: SmallTalk, message: NewMessage, caplog: pytest.LogCaptureFixture
) -> None:
    talk.failing = True
    with caplog.at_level(logging.DEBUG):
        response = await client.post("/chat/messages", json=message(text="我的隐私"))
    assert response.status_code == 503
    assert "抱歉" in response.json()["error"]
    assert "RuntimeError in reply_to" in caplog.text
    assert "我的隐私" not in caplog.text


async def test_errors_are_in_the_language_of_the_page(client: httpx.AsyncClient) -> None:
    headers = JSON | {"accept-language": "en-GB,en;q=0.9"}
    response = await client.post("/chat/messages", content="{", headers=headers)
    assert response.json()["error"].startswith("We could not read that")


async def test_form_without_a_script_gets_the_answer_in_the_page(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    form = {"id": "message-1", "text": "隔夜菜<b>\r\n能吃吗", "forwarded": "1"}
    page = await client.post("/chat", data=form)
    assert page.status_code == 200
    assert "您想问哪一个？" in page.text
    assert "隔夜菜&lt;b&gt;\n能吃吗" in page.text
    assert '<button name="pressed" value="pick:3:1">隔夜菜致癌吗</button>' in page.text
    assert (talk.heard[0].text, talk.heard[0].forwarded) == ("隔夜菜<b>\n能吃吗", True)
    pressed = await client.post("/chat", data={"id": "message-2", "pressed": "pick:3:1"})
    assert "您选了 pick:3:1" in pressed.text
    assert pressed.headers["cache-control"] == "private, max-age=300"
    assert talk.heard[0].address == talk.heard[1].address


async def test_form_answer_links_numbers_and_only_web_sources(client: httpx.AsyncClient) -> None:
    page = (await client.post("/chat", data={"id": "message-1", "text": "喝酒"})).text
    assert 'class="reply tone-false"' in page
    assert f'<h2 class="headline">{HEADLINE}' in page
    assert '<a class="tel" href="tel:120">120</a>。血压120/80' in page
    assert 'href="https://example.org/a" target="_blank" rel="noopener noreferrer"' in page
    assert "javascript:" not in page


async def test_failed_form_keeps_the_words_and_the_id(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    talk.flooded = True
    page = await client.post("/chat", data={"id": "message-1", "text": "隔夜菜能吃吗", "forwarded": "1"})
    assert page.status_code == 429
    composer = page.text[page.text.index('<form id="composer"') :]
    assert "\n隔夜菜能吃吗</textarea>" in composer
    assert 'name="id" value="message-1"' in composer
    assert "checked" in composer
    assert "歇一会儿" in composer


async def test_form_of_another_site_is_refused(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    form = {"id": "message-1", "text": "问"}
    page = await client.post("/chat", data=form, headers={"sec-fetch-site": "cross-site"})
    assert page.status_code == 403
    assert talk.heard == []


async def test_reloading_an_answered_form_goes_back_to_the_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/chat")
    assert (response.status_code, response.headers["location"]) == (303, "/")


async def test_language_switch_is_kept_by_page_and_conversation(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    response = await client.post("/chat/language", data={"language": "zh-Hant"})
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert [m.text for m in talk.heard] == ["/language zh-Hant"]
    page = await client.get("/", headers={"accept-language": "en"})
    assert '<html lang="zh-Hant">' in page.text
    assert "謠言" in page.text
    assert "谣言" not in page.text


async def test_language_of_an_address_is_that_of_the_replies_to_who_was_here(
    client: httpx.AsyncClient, talk: SmallTalk
) -> None:
    await client.get("/?lang=en")
    assert talk.heard == []
    await client.get("/?lang=zh-Hant")
    await client.get("/?lang=zh-Hant")
    assert [m.text for m in talk.heard] == ["/language zh-Hant"]


async def test_language_and_large_print_of_the_article_pages_hold_in_the_chat(client: httpx.AsyncClient) -> None:
    page = await client.get("/?lang=en&size=large")
    assert '<html lang="en" data-size="large">' in page.text
    assert 'href="/topics?size=large"' in page.text
    assert 'action="/chat/language?size=large"' in page.text
    chosen = await client.post("/chat/language?size=large", data={"language": "en"})
    assert chosen.headers["location"] == "/?size=large"
    answered = await client.post("/chat?size=large", data={"id": "message-1", "text": "酒"})
    assert '<html lang="en" data-size="large">' in answered.text
    assert 'href="/a/liquor-virus?size=large"' in answered.text
    plain = (await client.get("/?lang=tlh&size=huge")).text
    assert '<html lang="en">' in plain
    assert 'href="/topics"' in plain


async def test_unknown_language_is_refused(client: httpx.AsyncClient, talk: SmallTalk) -> None:
    assert (await client.post("/chat/language", data={"language": "tlh"})).status_code == 422
    assert talk.heard == []


async def test_page_changes_language_even_when_the_conversation_cannot(
    client: httpx.AsyncClient, talk: SmallTalk
) -> None:
    talk.failing = True
    assert (await client.post("/chat/language", data={"language": "en"})).status_code == 303
    assert '<html lang="en">' in (await client.get("/")).text


@pytest.mark.parametrize(
    ("stored", "accepted", "expected"),
    [
        (None, "", "zh-Hans"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        (None, "zh-Hant-HK", "zh-Hant"),
        (None, "zh-Hans-HK", "zh-Hans"),
        (None, "en-GB,zh;q=0.5", "en"),
        (None, "en;q=0.5,zh-HK;q=0.9", "zh-Hant"),
        (None, "fr,en;q=0", "zh-Hans"),
        (None, "de;q=x,en", "en"),
        (None, "fr", "zh-Hans"),
        ("en", "zh-CN", "en"),
        ("nonsense", "zh-TW", "zh-Hant"),
    ],
)
def test_language_is_the_chosen_one_else_the_browsers(stored: str | None, accepted: str, expected: str) -> None:
    assert negotiate(stored, accepted).value == expected


def test_site_without_a_region_names_the_local_association() -> None:
    assert "本地科协" in words_of("求真", "")[Language.SIMPLIFIED].lead
    assert "青河县科协" in SIMPLIFIED.lead


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("快打120", ["120"]),
        ("拨打110、119或120。", ["110", "119", "120"]),
        ("报警110/119/120", ["110", "119", "120"]),
        ("反诈专线 96110，心理援助热线12356", ["96110", "12356"]),
        ("打120时说清地址", ["120"]),
        ("法律上的事拨 12348；政府的事拨12345", ["12348", "12345"]),
        ("Call 120 now, or 110.", ["120", "110"]),
        ("急救：120", ["120"]),
        ("血压 120/80 mmHg", []),
        ("血压 180/120", []),
        ("120毫克，110 岁，119元，120％，120 分钟，120多人", []),
        ("共120,000元，￥110", []),
        ("010-12356789 和 112012", []),
        ("about 120 people, 110 years, 120mg的药", []),
    ],
)
def test_numbers_to_call_are_told_from_measures(text: str, numbers: list[str]) -> None:
    (line,) = lines_of(text)
    assert [span.tel for span in line if span.tel] == numbers
    assert "".join(span.text for span in line) == text


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("✅ 真", "true"),
        ("❌ 假", "false"),
        ("⚠️ 有误导", "misleading"),
        ("⚠ 有误导", "misleading"),
        ("❓ 尚无定论", "unproven"),
        ("🚨 诈骗", "scam"),
        ("您好", "plain"),
        ("", "plain"),
    ],
)
def test_colour_follows_the_verdict_mark(text: str, tone: str) -> None:
    assert tone_of(text) == tone
