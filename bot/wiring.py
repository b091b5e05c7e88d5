"""The only place that knows every concrete class. Tests build the same parts with fakes in their places."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.alerts import Alerter
from bot.api import Api
from bot.channels.pages import Pages
from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import WebChat
from bot.console import Console
from bot.console.account import AccountPages
from bot.console.articles import ArticlePages
from bot.console.desk import DeskPages
from bot.console.reports import ReportPages
from bot.console.signin import SignInPages
from bot.console.staff import StaffPages
from bot.conversation.answering import Answering
from bot.conversation.conversation import Conversation
from bot.conversation.desk_cards import DeskCards
from bot.conversation.desk_chat import DeskChat
from bot.conversation.flood import FloodGuard
from bot.conversation.routing import route
from bot.notices import Notifier
from bot.outbox import DatabaseOutbox
from bot.settings import Settings
from index.clusters import ClusterIndex
from index.encoder import Encoder, load_encoder
from index.refresh import Refresher
from index.search import Searcher
from index.vector_cache import CachedEncoder
from index.worker import SearchWorker
from knowledge import rumours
from knowledge.database import Database
from knowledge.protection import Vault

PUSHING = frozenset({"telegram"})
_FIRST_WORDS = "你好，請問一下"
"""Routed and searched once at the start, so that no resident waits for tables that load when first used."""


@dataclass(slots=True)
class Parts:
    """Everything a running bot is made of."""

    settings: Settings
    database: Database
    vault: Vault
    encoder: CachedEncoder
    searcher: Searcher
    search: SearchWorker
    clusters: ClusterIndex
    refresher: Refresher
    desk: DeskChat
    conversation: Conversation
    outbox: DatabaseOutbox
    notifier: Notifier
    alerter: Alerter

    async def warm_up(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Check the database, index its articles and open rumours; messages can be answered afterwards.

        Raises: DatabaseNotReady.
        """
        await self.database.check()
        await self.refresher.refresh(progress)
        async with self.database.reading() as session:
            self.clusters.add(await rumours.standing(session, datetime.now(UTC)))
        await asyncio.to_thread(route, _FIRST_WORDS, vector=await self.search.vector_of(_FIRST_WORDS))
        await self.search.search(_FIRST_WORDS)

    async def close(self) -> None:
        """Let go of everything."""
        self.search.close()
        self.encoder.close()
        await self.database.close()


def build(settings: Settings, encoder: Encoder | None = None) -> Parts:
    """The parts of a bot, not yet started. `encoder` replaces the one the settings name.

    Raises: SecretTooShort, ModelMissing, ModelDamaged, DatabaseNotReady.
    """
    vault = Vault(settings.load_secret())
    database = Database(settings.database)
    cached = CachedEncoder(
        encoder or load_encoder(settings.model_dir, threads=settings.encoder_threads),
        settings.vectors,
    )
    searcher = Searcher(cached)
    search = SearchWorker(searcher)
    clusters = ClusterIndex(cached)
    cards = DeskCards(settings.timezone, str(settings.public_url) if settings.public_url else None)
    desk = DeskChat(cards, vault, hot=settings.alert_sightings, pushing=PUSHING)
    conversation = Conversation(
        database=database,
        vault=vault,
        search=search,
        answering=Answering(clusters),
        desk=desk,
        flood=FloodGuard(settings.messages_per_minute),
        timezone=settings.timezone,
        pushing=PUSHING,
        keep_originals_days=settings.keep_originals_days,
    )
    return Parts(
        settings=settings,
        database=database,
        vault=vault,
        encoder=cached,
        searcher=searcher,
        search=search,
        clusters=clusters,
        refresher=Refresher(database, searcher),
        desk=desk,
        conversation=conversation,
        outbox=DatabaseOutbox(database, vault),
        notifier=Notifier(database, vault, settings.timezone, pushing=PUSHING),
        alerter=Alerter(database, cards, settings.timezone, hot=settings.alert_sightings),
    )


def web_chat(parts: Parts) -> WebChat:
    """The web channel."""
    settings = parts.settings
    return WebChat(
        parts.conversation,
        notices=parts.notifier,
        secret=settings.load_secret(),
        site_name=settings.site_name,
        region=settings.region,
        trust_proxy=settings.behind_proxy,
    )


def pages(parts: Parts) -> Pages:
    """The public pages of the articles."""
    settings = parts.settings
    return Pages(
        parts.database,
        site_name=settings.site_name,
        timezone=settings.timezone,
        public_url=str(settings.public_url) if settings.public_url else None,
        trust_proxy=settings.behind_proxy,
        sheet_font=settings.sheet_font,
    )


def api(parts: Parts) -> Api:
    """The JSON API and the feeds."""
    settings = parts.settings
    return Api(
        parts.database,
        parts.search,
        parts.vault,
        site_name=settings.site_name,
        timezone=settings.timezone,
        public_url=str(settings.public_url) if settings.public_url else None,
        trust_proxy=settings.behind_proxy,
    )


def console(parts: Parts) -> Console:
    """The pages of the people behind the bot: every room's, behind one door."""
    settings = parts.settings
    secret, site_name, trust_proxy = settings.load_secret(), settings.site_name, settings.behind_proxy
    public_url = str(settings.public_url) if settings.public_url else None
    return Console(
        parts.database,
        [
            *SignInPages(parts.vault, secret=secret, site_name=site_name, trust_proxy=trust_proxy).pages(),
            *ArticlePages(parts.database, parts.search, settings.timezone, parts.refresher.wake).pages(),
            *AccountPages(parts.vault).pages(),
            *StaffPages(public_url).pages(),
            *DeskPages(parts.vault, parts.search, parts.clusters, settings.timezone, parts.refresher.wake).pages(),
            *ReportPages(
                site_name=site_name, timezone=settings.timezone, font=settings.sheet_font, public_url=public_url
            ).pages(),
        ],
        secret=secret,
        site_name=site_name,
        timezone=settings.timezone,
        trust_proxy=trust_proxy,
    )


def telegram(parts: Parts) -> TelegramChannel | None:
    """The Telegram channel, or none when no token is set.

    Raises: BadToken, BadWebhook.
    """
    settings = parts.settings
    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    return TelegramChannel(
        token=token,
        api_url=str(settings.telegram_api_url).rstrip("/"),
        webhook_url=str(settings.telegram_webhook_url) if settings.telegram_webhook_url else None,
        webhook_secret=settings.telegram_webhook_secret.get_secret_value() or None,
        conversation=parts.conversation,
        outbox=parts.outbox,
    )
