"""The link checker against a real server: verdicts, manners, and that nothing inside a private network is asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge.links import Checked, Problem
from knowledge.models import LinkState
from scripts.commands.link_check import LinkChecker, is_public
from tests.scripts.link_server import Site, certificate, here, resolve, serving

WORKS, DEAD, UNREACHABLE, UNCLEAR = LinkState.WORKS, LinkState.DEAD, LinkState.UNREACHABLE, LinkState.UNCLEAR


class TestVerdicts:
    @pytest.mark.parametrize(
        ("path", "state", "status"),
        [
            ("ok", WORKS, 200),
            ("gone", DEAD, 404),
            ("removed", DEAD, 410),
            ("login", UNCLEAR, 401),
            ("forbidden", UNCLEAR, 403),
            ("odd", UNCLEAR, 412),
            ("busy", UNCLEAR, 429),
            ("down", UNCLEAR, 503),
            ("no-head", WORKS, 200),
            ("lying-head", WORKS, 200),
            ("to-gone", DEAD, 404),
        ],
    )
    async def test_by_the_answer(
        self, site: Site, checker: LinkChecker, path: str, state: LinkState, status: int
    ) -> None:
        url = site.url(path)
        assert await checker.check(url) == Checked(url=url, state=state, status_code=status)

    async def test_a_page_that_answers_to_head_is_not_loaded(self, site: Site, checker: LinkChecker) -> None:
        await checker.check(site.url("ok"))
        await checker.check(site.url("no-head"))
        assert site.paths() == [("HEAD", "/ok"), ("HEAD", "/no-head"), ("GET", "/no-head")]

    @pytest.mark.parametrize("path", ["moved", "endless"])
    async def test_where_it_leads_to_is_noted(self, site: Site, checker: LinkChecker, path: str) -> None:
        found = await checker.check(site.url(path))
        assert (found.state, found.moved_to) == (WORKS, site.url("ok"))

    async def test_a_slash_at_the_end_is_no_move(self, site: Site, checker: LinkChecker) -> None:
        assert (await checker.check(site.url("slash"))).moved_to is None
        assert site.paths()[-1] == ("HEAD", "/slash/")

    @pytest.mark.parametrize("path", ["loop", "to-mail"])
    async def test_what_leads_nowhere_gets_no_verdict(self, site: Site, checker: LinkChecker, path: str) -> None:
        found = await checker.check(site.url(path))
        assert (found.state, found.problem, found.status_code) == (UNCLEAR, Problem.REDIRECTS, None)

    async def test_a_name_that_is_nowhere(self, checker: LinkChecker) -> None:
        found = await checker.check("https://nowhere.example/")
        assert (found.state, found.problem) == (UNREACHABLE, Problem.DNS)

    async def test_a_server_that_is_not_there_or_talks_nonsense(self, checker: LinkChecker) -> None:
        async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 this is no web server\r\n")
            writer.close()

        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        url = f"http://site.test:{server.sockets[0].getsockname()[1]}/"
        found = await checker.check(url)
        assert (found.state, found.problem) == (UNREACHABLE, Problem.CONNECTION)
        server.close()
        await server.wait_closed()
        found = await checker.check(url)
        assert (found.state, found.problem) == (UNREACHABLE, Problem.CONNECTION)

    async def test_a_server_that_takes_too_long_is_tried_again(self, site: Site) -> None:
        async with LinkChecker(pause=0, timeout=0.2, resolve=resolve, may_ask=here) as checker:
            found = await checker.check(site.url("slow"))
        assert (found.state, found.problem) == (UNREACHABLE, Problem.TIMEOUT)

    @pytest.mark.parametrize("url", ["ftp://site.test/x", "file:///etc/passwd", "no address", "https://"])
    async def test_what_is_no_web_page_is_not_asked_for(self, checker: LinkChecker, url: str) -> None:
        assert await checker.check(url) == Checked(url=url, state=UNCLEAR, problem=Problem.ADDRESS)

    async def test_a_certificate_must_be_that_of_the_name(self, tmp_path: Path) -> None:
        file, trusted = certificate(tmp_path, "site.test", datetime.now(UTC))
        async with (
            serving(file) as site,
            LinkChecker(pause=0, resolve=resolve, trusted=trusted, may_ask=here) as checker,
        ):
            assert (await checker.check(site.url("ok"))).state is WORKS
            other = await checker.check(site.url("ok", "other.test"))
            assert (other.state, other.problem) == (UNREACHABLE, Problem.CERTIFICATE)
        async with serving(file) as site, LinkChecker(pause=0, resolve=resolve, may_ask=here) as checker:
            unknown = await checker.check(site.url("ok"))
            assert (unknown.state, unknown.problem) == (UNREACHABLE, Problem.CERTIFICATE)

    async def test_what_speaks_no_encryption_gets_no_verdict(self, site: Site, checker: LinkChecker) -> None:
        found = await checker.check(site.url("ok").replace("http:", "https:"))
        assert (found.state, found.problem) == (UNCLEAR, Problem.ENCRYPTION)


class TestPrivateNetworks:
    @pytest.mark.parametrize(
        "host", ["site.test", "127.0.0.1", "x.inside.test", "both.test", "[::1]", "[::ffff:7f00:1]"]
    )
    async def test_they_are_not_asked(self, site: Site, host: str) -> None:
        async with LinkChecker(pause=0, timeout=2.0, resolve=resolve) as checker:
            url = site.url("ok", host)
            assert await checker.check(url) == Checked(url=url, state=UNCLEAR, problem=Problem.NOT_PUBLIC)
        assert site.asked == []

    async def test_not_through_a_redirect_either(self, site: Site) -> None:
        site.elsewhere["trap"] = site.url("ok", "x.inside.test")
        async with LinkChecker(pause=0, timeout=2.0, resolve=resolve, may_ask=here) as checker:
            found = await checker.check(site.url("trap"))
        assert found.problem is Problem.NOT_PUBLIC
        assert site.paths() == [("HEAD", "/trap")]

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("8.8.8.8", True),
            ("2606:4700::1111", True),
            ("64:ff9b::808:808", True),
            ("10.0.0.1", False),
            ("100.64.0.1", False),
            ("169.254.169.254", False),
            ("0.0.0.0", False),  # noqa: S104 - judged, not bound
            ("224.0.0.1", False),
            ("::1", False),
            ("fe80::1", False),
            ("fd00::1", False),
            ("::ffff:192.168.0.1", False),
            ("2002:7f00:1::", False),
            ("64:ff9b::a00:1", False),
        ],
    )
    def test_which_addresses_are_public(self, address: str, public: bool) -> None:
        assert is_public(ip_address(address)) is public


class TestManners:
    async def test_one_page_of_a_server_at_a_time_with_a_pause_and_servers_beside_each_other(self, site: Site) -> None:
        site.takes = 0.05
        found: list[Checked] = []

        async def note(one: Checked) -> None:
            found.append(one)

        urls = [site.url(f"p{number}", f"{host}.test") for host in ("a", "b") for number in range(3)]
        async with LinkChecker(pause=0.1, timeout=2.0, resolve=resolve, may_ask=here) as checker:
            await checker.check_all([*urls, "no address"], note)
        assert sorted(one.url for one in found) == sorted([*urls, "no address"])
        by_host = {host: [one for one in site.asked if one.host == host] for host in ("a.test", "b.test")}
        for asked in by_host.values():
            gaps = [later.began - earlier.ended for earlier, later in pairwise(asked)]
            assert len(asked) == 3
            assert min(gaps) >= 0.09
        assert by_host["b.test"][0].began < by_host["a.test"][0].ended

    async def test_redirects_wait_their_turn_too(self, site: Site) -> None:
        site.elsewhere |= {f"away{number}": site.url("ok", "busy.test") for number in range(3)}
        site.takes = 0.05

        async def note(one: Checked) -> None:
            assert one.state is WORKS

        urls = [site.url(f"away{number}", f"h{number}.test") for number in range(3)]
        async with LinkChecker(pause=0.1, timeout=2.0, resolve=resolve, may_ask=here) as checker:
            await checker.check_all(urls, note)
        asked = [one for one in site.asked if one.host == "busy.test"]
        assert len(asked) == 3
        assert all(b.began - a.ended >= 0.09 for a, b in pairwise(asked))

    async def test_the_other_pages_of_a_server_that_is_not_there_are_not_tried(self) -> None:
        looked: list[str] = []

        async def nowhere(host: str, port: int) -> list[str]:
            looked.append(host)
            raise OSError("no network")

        found: list[Checked] = []

        async def note(one: Checked) -> None:
            found.append(one)

        async with LinkChecker(pause=0, resolve=nowhere) as checker:
            await checker.check_all([f"https://gone.example/{number}" for number in range(9)], note)
        assert [one.state for one in found] == [UNREACHABLE] * 9
        assert len(looked) == 6  # three pages, each tried twice
