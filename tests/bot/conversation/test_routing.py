"""Routes, on messages as people write them: `urgent.txt` and `routed.txt` beside this file."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.wording import ENGLISH as ENGLISH_PAGE
from bot.conversation.danger import Danger, heard_danger, touches_danger, urgent
from bot.conversation.language import ENGLISH, LANGUAGES, SIMPLIFIED
from bot.conversation.message_model import read
from bot.conversation.routing import Route, only_asks, route
from bot.conversation.scam import Harm, Signal, harm_done, suspect
from bot.conversation.wording import Wording
from index.encoder import Encoder, load_encoder
from index.variants import clean, fold, to_simplified, to_traditional
from knowledge.article_files import read_folder
from knowledge.desk.steps import CANNED
from knowledge.models import Kind
from knowledge.redaction import redact

_HERE = Path(__file__).parent
_CONTENT = _HERE.parents[2] / "knowledge" / "content"


def _table(name: str) -> list[tuple[str, str]]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return [(expected, text) for expected, text in rows]


URGENT = _table("urgent.txt")
ROUTED = _table("routed.txt")
NEWS_OF_OTHERS = (
    "昨天新闻里说城东小区煤气爆炸，十多人晕倒送医，消防员说是有人忘了关阀门，请大家一定转发给家里老人看看",
    "我是消防员，刚刚处理完一起火灾，一家三口都没跑出来，就因为他们做错了这三件事，赶紧告诉家里人不要再这样做了",
)


@pytest.fixture(scope="module")
def encoder(model_dir: Path) -> Encoder:
    return load_encoder(model_dir)


def _route(text: str, *, forwarded: bool = False, encoder: Encoder | None = None) -> str:
    """What the conversation would route, with the harm after a colon where some was done.

    Without an encoder, by rules and words alone: what the conversation knows before it searches.
    """
    received = redact(clean(text))
    vector = encoder.encode_queries([fold(received)]).vectors[0] if encoder else None
    routing = route(received, forwarded=forwarded, vector=vector)
    if routing.danger:
        return f"urgent:{routing.danger}"
    return f"{routing.route}:{routing.harm}" if routing.harm else routing.route.value


@pytest.mark.parametrize(("danger", "text"), URGENT)
def test_danger_that_is_happening_gets_its_own_card(danger: str, text: str) -> None:
    assert _route(text) == f"urgent:{danger}"


@pytest.mark.parametrize(("expected", "text"), ROUTED)
def test_message_takes_its_route(encoder: Encoder, expected: str, text: str) -> None:
    assert _route(text, encoder=encoder) == expected


@pytest.mark.parametrize("text", [text for _, text in (*URGENT, *ROUTED)])
def test_traditional_characters_change_no_route(encoder: Encoder, text: str) -> None:
    assert _route(to_traditional(text), encoder=encoder) == _route(text, encoder=encoder)
    assert _route(to_traditional(text)) == _route(text)


def test_tables_are_large_enough_to_mean_something() -> None:
    urgent_of_each = Counter(danger for danger, _ in URGENT)
    assert set(urgent_of_each) == {danger.value for danger in Danger}
    assert min(urgent_of_each.values()) >= 4
    of_each = Counter(expected.partition(":")[0] for expected, _ in ROUTED)
    routes = ("claim", "question", "scam", "greeting", "test", "advert", "chitchat", "feedback")
    assert {name: of_each[name] for name in routes if of_each[name] < 25} == {}
    assert {expected.partition(":")[2] for expected, _ in ROUTED} - {""} == {harm.value for harm in Harm}


@pytest.mark.parametrize("text", NEWS_OF_OTHERS)
def test_forward_about_others_is_a_claim(text: str) -> None:
    assert _route(text, forwarded=True) == "claim"


def test_short_forward_in_the_first_person_is_urgent() -> None:
    assert _route("我在家煤气中毒头晕快来", forwarded=True) == "urgent:gas-poisoning"


def test_forwarded_confession_is_no_harm_of_the_one_who_forwards_it() -> None:
    assert _route("我被骗了三万块，按客服说的转了账，大家千万小心", forwarded=True) in ("scam", "claim")


def test_claims_of_the_knowledge_base_are_never_urgent() -> None:
    claims = [article.claim for article in read_folder(_CONTENT).articles.values() if article.claim]
    assert len(claims) >= 30
    assert {claim: _route(claim) for claim in claims if _route(claim).startswith("urgent")} == {}


def test_asking_whether_a_debunk_holds_is_not_urgent() -> None:
    """Other phrasings of a debunk may well be cries for help: "the pan is on fire, what do I do"."""
    debunks = [article for article in read_folder(_CONTENT).articles.values() if article.kind is Kind.DEBUNK]
    doubt = re.compile(r"吗|是真|真的|可信|靠谱|有用|管用|能不能|会不会|对不对|为什么|谣言|听说|据说|转发|紧急通知")
    asked = [phrase for article in debunks for phrase in article.asked_as if doubt.search(phrase)]
    assert len(asked) >= 100
    wrong = [phrase for phrase in asked if _route(phrase).startswith("urgent")]
    assert len(wrong) <= len(asked) * 0.01, wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    [
        *(f"card-{name}" for name in (*Danger, *Harm)),
        *("unknown-question", "unknown-claim", "unknown-scam", "help", "notice-withdrawal", "notice-still-unsure"),
        *("start", "privacy", "mine", "advert-reply", "busy-reply", "hushed", "told-again", "echo-reply"),
        *("bare-reply", "number-reply", "advice-danger"),
        *(f"canned-{name}" for name in CANNED),
    ],
)
def test_own_fixed_words_sent_back_are_an_echo_and_not_urgent(name: str, language: str) -> None:
    wording = Wording(language, "UTC")
    asked = wording.say("notice-asked", rumour="R12", said="井水有毒")
    advice, then, meanwhile = (wording.say(each) for each in ("advice-danger", "then-told", "meanwhile-leave"))
    values: dict[str, str | int] = {"rumour": "R12", "count": 3, "advice": advice, "then": then, "asked": asked}
    values |= {
        "meanwhile": meanwhile,
        "days": 30,
        "turns": 7,
        "language": "English",
        "following": "R1",
        "told": "yes",
        "texts": "\n　着火了怎么办",
    }
    said = wording.reply(wording.say(name, **values)).text
    assert _route(said) == "echo"
    assert _route(said, forwarded=True) == "echo"


@pytest.mark.parametrize(
    "text",
    [
        "您的隐私照片已泄露，请马上转账5000元到以下账户，否则群发给您的亲友",
        "您的隐私 已被公安局列入调查，请把钱转到安全账户",
        "Your privacy has been hacked, pay 500 dollars in bitcoin within 24 hours",
        "对不起，我这边出了点问题，急用钱，能先转我五千吗",
        "这像一条广告吗？",
        "🚨 马上打 120 我妈煤气中毒晕倒了",
        "✅ 真｜国家给60岁以上老人发放养老补贴，加微信领取，先交200元保证金到安全账户",
        "✅ 真｜我爸喝了农药怎么办",
        f"{Wording(SIMPLIFIED, 'UTC').say('greeting')}\n先交200元保证金到安全账户",
    ],
)
@pytest.mark.parametrize("forwarded", [False, True])
def test_what_only_begins_as_the_bot_does_is_no_echo(text: str, forwarded: bool) -> None:
    assert _route(text, forwarded=forwarded) != "echo"
    assert _route(to_traditional(text), forwarded=forwarded) != "echo"


def test_what_imitates_a_verdict_is_taken_for_what_it_says() -> None:
    assert _route("✅ 真｜国家发养老补贴，加微信领取，先交200元保证金到安全账户") == "scam"
    assert _route("✅ 真｜我爸喝了农药怎么办") == "urgent:poison"


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("骗子说我孙子被车撞了，我已经转了三万过去了", ["money-sent", "medical"]),
        ("对方说我女儿被绑架了，我给他转了五万，现在联系不上", ["money-sent", "violence"]),
        ("老人被骗了十万块，晕倒了叫不醒", ["medical", "money-sent"]),
        ("我妈说不想活了，被骗转了三万", ["self-harm", "money-sent"]),
        ("接到电话说我孙子掉河里了要抢救费，我打了八千块给他", ["money-sent", "drowning"]),
        ("有人打电话说我孙子被车撞了要交手术费", []),
        ("自称医生说我孙子晕倒了叫我交押金", []),
        ("说我孙子被绑架了要20万", []),
        ("我爸接了诈骗电话转了五万，急得晕倒了", ["medical", "money-sent"]),
        ("我妈被骗了钱，打电话说胸口疼出冷汗", ["heart-attack", "money-sent"]),
        ("被骗了三万，我妈气得晕倒了，对方电话打不通", ["medical", "money-sent"]),
        ("对方说我女儿被绑架了，我给他转了五万，我妈急得晕倒了", ["medical", "money-sent"]),
        ("我被骗了五万，我妈打电话说我爸晕倒了", ["medical", "money-sent"]),
    ],
)
def test_danger_that_a_swindler_reports_comes_after_the_money(text: str, cards: list[str]) -> None:
    assert list(route(text).cards) == cards


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("催债的打电话要我赔钱，我不想活了", Danger.SELF_HARM),
        ("对方让我再交5万，我不想活了", Danger.SELF_HARM),
        ("电话里对方要我先交保证金，我活不下去了", Danger.SELF_HARM),
        ("老板说要赔钱，我男人喝了农药叫不醒", Danger.POISON),
        ("对方拿着刀让我交钱，救命", Danger.VIOLENCE),
        ("我儿子被绑架了，绑匪打电话要20万赎金", Danger.VIOLENCE),
        ("我妈晕倒了叫不醒，医院说要先交押金", Danger.MEDICAL),
        ("邻居打电话说我妈晕倒了，医院要先交押金", Danger.MEDICAL),
        ("有人打电话说我孙子被车撞了要交手术费，我妈听了晕倒了", Danger.MEDICAL),
    ],
)
def test_money_that_somebody_demands_hides_no_danger(text: str, danger: Danger) -> None:
    assert route(text).cards == (danger,)
    assert route(to_traditional(text)).cards == (danger,)


@pytest.mark.parametrize(
    "text",
    [
        "爷爷骑三轮车出去不见了",
        "老人出去买菜不见了",
        "奶奶去地里干活找不到了",
        "孩子放学路上丢了",
        "小孩被人带走找不着了",
        "女儿和同学去玩，找不到了",
        "儿子离家出走找不到了",
        "闺女放学不见了",
        "我老婆不见了",
        "老公找不到了",
        "奶奶去取钱找不到了",
        "孩子没带手机不见了",
        "孩子遛狗走丢了",
        "老人不见了身上没钱",
        "孩子在车站不见了",
        "孩子走丢了工作人员找不到",
        "孩子不见了穿红衣服",
        "孩子丢了手机找不到",
    ],
)
def test_whoever_is_gone_is_missing_whatever_he_was_doing(text: str) -> None:
    assert urgent(text) is Danger.MISSING


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("我妈身份证丢了怎么补办", None),
        ("我爸医保卡丢了怎么办", None),
        ("奶奶存折不见了", None),
        ("儿子丢了手机", None),
        ("我妈的狗走丢了", None),
        ("孩子丢了，手机打不通", Danger.MISSING),
        ("我妈昨天下午走丢了", Danger.MISSING),
        ("孩子在超市一转眼不见了", Danger.MISSING),
        ("老人一个人出去找不到了", Danger.MISSING),
        ("我老公又打我电话了", None),
        ("我老公又打我了", Danger.VIOLENCE),
        ("拿刀切菜切到手了", None),
        ("我孙子把玩具掉沟里了", None),
        ("我孙子掉沟里了", Danger.DROWNING),
        ("我把手机掉河里了，孩子去捞也掉河里了", Danger.DROWNING),
        ("孩子去把球捡回来，掉河里了", Danger.DROWNING),
        ("孩子去把球捡回来 掉河里了", Danger.DROWNING),
        ("孩子掉井里了，我把门撞掉了", Danger.DROWNING),
        ("他把我推掉河里了", Danger.DROWNING),
        ("孩子把门打开掉井里了", Danger.DROWNING),
        ("孩子捞手机掉河里了", Danger.DROWNING),
        ("我手机掉河里了", None),
        ("他正打我，手机要没电了", Danger.VIOLENCE),
        ("我老公又打我，把我手机也摔了", Danger.VIOLENCE),
        ("他在打我的手机", None),
        ("他拿刀切我", Danger.VIOLENCE),
        ("他拿刀要砍树一样砍我", Danger.VIOLENCE),
        ("跟孩子视频对面没反应", None),
    ],
)
def test_what_only_sounds_like_a_danger_gets_no_card(text: str, danger: Danger | None) -> None:
    assert urgent(text) is danger


@pytest.mark.parametrize(
    "text",
    [
        *("吃了一片安眠药还是睡不着", "吃了好几年安眠药了", "大夫开了三盒安眠药", "千万不要喝农药", "要是喝农药怎么办"),
        *("我把农药藏起来了怕老人碰", "吃酸奶溅眼睛里了", "手机掉化粪池了", "化粪池清掏要多少钱"),
        *("孩子身上红点痒得很", "停经了出冷汗是更年期吗", "吃了辣的嗓子肿痛", "我手抖得拿不住电话"),
        *("摸我闺女额头滚烫", "我累得打死我也不去", "这活整死我了", "我孙子玩水枪又在打我"),
        *("老板拿刀切西瓜", "老板拿刀切西瓜给我吃", "我爸拿刀分猪肉", "爸爸拿着刀给孩子削苹果"),
        *("我家鸭子掉井里了", "我家狗被蛇咬了", "老李家的猪喝了农药死了", "猫掉井里了怎么捞"),
        *("昨晚梦见我爸掉河里了", "我昨天做了个噩梦，被蛇咬了，吓醒了", "我小时候被蛇咬过", "小时候我家着火了"),
        *("股市又着火了，我的钱", "基金着火了怎么办", "广播说有人触电身亡了", "网上传小学孩子被拐了"),
        *("说是有个老太太想不开跳河了，这是哪里的事", "汽车走直线往一边偏"),
        "【健康提醒】中风前兆要记牢。老人突然嘴歪、说话不清，马上打120",
        "据报道，某地有人煤气中毒。我市已有三人晕倒了。请立即检查家里的炉子",
        "转发：昨天有人噎住了。我是医生，孩子噎住了说不出话，大家要这样做",
    ],
)
def test_what_is_far_away_or_harmless_gets_no_card(text: str) -> None:
    assert urgent(text) is None


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("孩子追鸭子掉井里了", Danger.DROWNING),
        ("孩子去救家里的狗掉河里了", Danger.DROWNING),
        ("我跟狗都掉河里了", Danger.DROWNING),
        ("我被邻居家的狗咬了流血不止", Danger.MEDICAL),
        ("我妈昨晚说梦话，现在叫不醒", Danger.MEDICAL),
        ("他拿着刀要宰了我", Danger.VIOLENCE),
        ("家父不见了", Danger.MISSING),
    ],
)
def test_words_of_the_harmless_silence_no_danger(text: str, danger: Danger) -> None:
    assert urgent(text) is danger


@pytest.mark.parametrize(
    ("text", "chances", "by_rule", "heard"),
    [
        ("他脸通红叫他也不应", {Danger.GAS_POISONING: 0.9}, None, Danger.GAS_POISONING),
        ("他脸色不对", {Danger.STROKE: 0.24, Danger.HEART_ATTACK: 0.2}, None, Danger.MEDICAL),
        ("他脸色不对", {Danger.STROKE: 0.4, Danger.HEART_ATTACK: 0.3}, Danger.STROKE, Danger.STROKE),
        ("屋里有烟", {Danger.FIRE: 0.4, Danger.GAS_POISONING: 0.3}, None, Danger.FIRE),
        ("撑不住了", {Danger.SELF_HARM: 0.4, Danger.HEART_ATTACK: 0.3}, None, Danger.SELF_HARM),
        ("昨晚梦见水里有人喊我", {Danger.DROWNING: 0.9}, None, None),
        ("小时候在河边差点上不来", {Danger.DROWNING: 0.9}, None, None),
        ("听说城西有个小伙子在水库里没上来", {Danger.DROWNING: 0.9}, None, None),
        ("听说我儿子在水库里没上来，人都去了", {Danger.DROWNING: 0.9}, None, Danger.DROWNING),
        ("小时候中过煤气，今天我爸也是，脸通红，不应了", {Danger.GAS_POISONING: 0.9}, None, Danger.GAS_POISONING),
        ("梦见老伴来接，该走了", {Danger.SELF_HARM: 0.9}, None, Danger.SELF_HARM),
        ("梦见从楼上跳下去", {Danger.SELF_HARM: 0.5}, None, None),
    ],
)
def test_what_was_learned_is_weighed_by_what_the_text_is_of(
    text: str, chances: dict[str, float], by_rule: Danger | None, heard: Danger | None
) -> None:
    assert heard_danger({**dict.fromkeys(Danger, 0.0), **chances}, by_rule, text) is heard


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这是真的吗", "bare"),
        ("是不是骗子", "bare"),
        ("那我妈呢", "bare"),
        ("那怎么办呢", "bare"),
        ("那被狗咬了怎么办呢", "question"),
        ("那烫伤了怎么办呢", "question"),
        ("那发烧怎么办呢", "question"),
        ("那老人摔倒了咋办呢", "question"),
        ("那喝醋能软化血管呢", "question"),
        ("什么是诈骗", "question"),
        ("what is a scam", "question"),
        ("老师是骗子怎么办", "question"),
        ("老师，这是骗子吗", "bare"),
        ("我看不了东西了", "question"),
        ("大家帮我看看这条消息到底是真的还是假的啊", "bare"),
        ("隔夜菜是真的不能吃吗", "question"),
        ("13800138000这个号码是骗子吗", "number"),
        ("13911112222", "number"),
        ("刚才13800138000打来的电话能接吗", "number"),
        ("13800138000让我把钱转给他，是骗子吗", "question"),
        ("https://a.example/x 这个网站是真的吗", "link"),
        ("https://a.example/x?from=group 是真的吗", "link"),
        ("这个是真的吗https://mp.weixin.qq.com/s/abc喝醋能软化血管", "question"),
        ("120", "call"),
        ("快打110！", "call"),
        ("救救救", "call"),
        ("救命啊", "call"),
        ("123", "test"),
    ],
)
def test_what_asks_of_something_that_is_not_there_is_not_looked_into(text: str, expected: str) -> None:
    assert _route(text) == _route(to_traditional(text)) == expected


@pytest.mark.parametrize(
    "caption",
    [
        *(
            "这是真的吗？",
            "這是真的嗎",
            "求证",
            "真的假的",
            "帮我看看这个",
            "图片上说的是真的吗",
            "大家帮我查一下",
            "🙏🙏",
            "",
        ),
        *(
            "是不是骗子",
            "这个视频是真的还是假的",
            "这上面说的对吗",
            "什么意思",
            "Is this true?",
            "is it a scam or real",
        ),
    ],
)
def test_caption_that_only_asks_says_nothing_of_its_picture(caption: str) -> None:
    assert only_asks(clean(caption))


@pytest.mark.parametrize(
    "caption",
    [
        *(
            "隔夜菜能吃吗",
            "这个药能吃吗",
            "我被骗了",
            "我已经转钱了",
            "救命",
            "早上好",
            "他让我转钱是不是骗子",
            "钱没了怎么办",
        ),
        *("公安局的人发的这个", "Garlic cures the flu, is this true?", "help me"),
    ],
)
def test_caption_that_says_something_is_read(caption: str) -> None:
    assert not only_asks(clean(caption))


def test_chain_message_that_begins_with_an_alarm_is_no_echo() -> None:
    assert _route("🚨 紧急通知：城东水库要泄洪，请大家转告家人") == "claim"
    assert _route("❌ 千万别吃这种葡萄，专家说有毒") == "claim"


def test_suspicion_says_which_signals_it_saw() -> None:
    found = suspect("自称公安的说我涉嫌洗钱，让我马上转到安全账户，不要告诉家人")
    expected = {Signal.ACCUSATION, Signal.SAFE_ACCOUNT, Signal.IMPERSONATION, Signal.SECRECY, Signal.URGENCY}
    assert expected <= found.signals
    assert found.is_enough
    nothing = suspect("今天天气真好")
    assert (nothing.signals, nothing.score, nothing.is_enough) == (frozenset(), 0, False)


@pytest.mark.parametrize(
    ("text", "is_scam"),
    [
        ("有人发我说我的隐私照片泄露了让转账5000", True),
        ("他说手里有我的不雅视频，不给钱就发到家族群", True),
        ("對方威脅公開我的裸照要三千塊", True),
        ("手机通讯录怎么发给新手机", False),
        ("朋友圈不要晒照片，会泄露隐私", False),
    ],
)
def test_blackmail_with_pictures_is_a_scam(text: str, is_scam: bool) -> None:
    assert (Signal.BLACKMAIL in suspect(to_simplified(text)).signals) is is_scam
    assert (route(text).route is Route.SCAM) is is_scam


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        ("客服让我把钱转过去", None),
        ("客服让我转账，我转了五千", Harm.MONEY_SENT),
        ("客服让我转了五千块，现在联系不上", Harm.MONEY_SENT),
        ("还没转账，对方一直催", None),
        ("能不能给他转钱，对方说是公安", None),
        ("钱转给骗子了，能不能把钱追回来", Harm.MONEY_SENT),
        ("我被骗了钱，能追回来吗", Harm.MONEY_SENT),
        ("儿子微信让我转钱，我转了五千，打电话才知道不是本人", Harm.MONEY_SENT),
        ("我给儿子转了五千块", None),
        ("验证码不能告诉任何人，小心骗子", None),
        ("新闻里有老人被骗了三十万", None),
        ("刚充了100块话费没到账怎么办", None),
        ("交了医保费300块没到账怎么办", None),
        ("我打了狂犬疫苗花了500块，网上说要打五针", None),
        ("我给学校交了5000块学费，老师说没到账", None),
        ("按公安的要求，我装了国家反诈中心软件怎么设置", None),
        ("我在社保APP里刷了脸，认证不成功怎么办", None),
        ("冒充社保局的人让我刷了脸", Harm.IDENTITY_GIVEN),
        ("我给骗子的卡上打了一万二", Harm.MONEY_SENT),
        ("公安局打电话说我社保卡洗钱，我转了五万", Harm.MONEY_SENT),
        ("社保局客服打电话，我转了三万", Harm.MONEY_SENT),
        ("疫苗接种证明，客服让我转了2000元", Harm.MONEY_SENT),
        ("社保退费链接我点了，填了银行卡，钱被转走了", Harm.MONEY_SENT),
        ("钉钉上领导让我转账，我转了5万", Harm.MONEY_SENT),
        ("医保局打电话，我把三万块转到他们说的账户了", Harm.MONEY_SENT),
        ("平台提不了现，我投了十万进去", Harm.MONEY_SENT),
        ("我在平台上充了三万，现在提现不了", Harm.MONEY_SENT),
        ("炒股老师让我充了五万", Harm.MONEY_SENT),
        ("我中奖了，交了3000手续费", Harm.MONEY_SENT),
        ("转了20万给网上认识的女朋友", Harm.MONEY_SENT),
        ("我转了两万，怎么办", Harm.MONEY_SENT),
        ("网上兼职交了500押金，人找不到了", Harm.MONEY_SENT),
        ("我打了狂犬疫苗花了500块", None),
    ],
)
def test_harm_is_what_was_done_not_what_was_asked_or_heard(text: str, harm: Harm | None) -> None:
    assert harm_done(text) is harm


def test_rules_alone_know_as_many_victims_as_ever() -> None:
    lines = (_HERE.parents[1] / "quality" / "urgent.jsonl").read_text(encoding="utf-8").splitlines()
    told = [(row["card"], to_simplified(redact(clean(row["text"])))) for row in map(json.loads, lines)]
    victims = [text for card, text in told if card in set(Harm)]
    others = [text for card, text in told if not card]
    assert sum(harm_done(text) is not None for text in victims) >= 37, len(victims)
    assert sum(harm_done(text) is not None for text in others) <= 7, len(others)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        (ENGLISH_PAGE.examples[2], Danger.FIRE),
        (ENGLISH_PAGE.examples[3], Danger.STROKE),
        ("I want to kill myself", Danger.SELF_HARM),
        ("she drank pesticide", Danger.POISON),
        ("chest pain and sweating", Danger.HEART_ATTACK),
        ("A snake bit me!", Danger.SNAKE_BITE),
        ("my dad fell off the ladder and won't wake up", Danger.MEDICAL),
        ("we are trapped on the roof, the water is rising", Danger.TRAPPED),
        ("I already sent the money to him", Harm.MONEY_SENT),
        ("I gave them the verification code", Harm.CODE_GIVEN),
        ("he can’t breathe", Danger.MEDICAL),
        ("my wife won’t wake up", Danger.MEDICAL),
        ("My baby swallowed a battery, what are the signs of danger?", Danger.POISON),
        ("There is a fire in my kitchen", Danger.FIRE),
        ("I paid 500 yuan to the landlord", None),
        ("I told my son the code for the door", None),
        ("What are the symptoms of a stroke?", None),
        ("can a snake bite kill you", None),
        ("is it true that the reservoir caught fire", None),
        ("My mother had a heart attack last year, can she drink tea?", None),
        ("I sent the money to my daughter", None),
        ("Does drinking strong liquor kill viruses?", None),
    ],
)
def test_cries_for_help_in_english_are_heard(text: str, card: Danger | Harm | None) -> None:
    assert route(text).cards == ((card,) if card else ())


@pytest.mark.parametrize("text", ["急急急", "疼疼疼！", "火火火", "救救他", "快来人啊", "来人啊", "救命", "sos"])
def test_bare_cry_gets_the_numbers_to_call(text: str) -> None:
    assert route(text).route is Route.CALL


@pytest.mark.parametrize(
    ("text", "is_paid"),
    [
        ("转了", True),
        ("已经转了怎么办", True),
        ("我付钱了", True),
        ("钱转给他了", True),
        ("刚刚转了", True),
        ("打了", False),
        ("转发了", False),
        ("转院了", False),
    ],
)
def test_payment_told_in_two_words_gets_the_card(text: str, is_paid: bool) -> None:
    assert (harm_done(text) is Harm.MONEY_SENT) is is_paid


@pytest.mark.parametrize(
    ("text", "touches"),
    [
        ("油锅着火可以倒水吗", True),
        ("溺水要倒立控水嗎", True),
        ("心臟病發作怎麼預防", True),
        ("隔夜菜能吃吗", False),
        ("喝白酒能杀病毒吗", False),
    ],
)
def test_question_about_a_danger_is_known_to_touch_it(text: str, touches: bool) -> None:
    assert touches_danger(text) is touches


def test_every_danger_and_harm_has_a_card_in_both_languages() -> None:
    for language in (SIMPLIFIED, ENGLISH):
        wording = Wording(language, "UTC")
        for name in (*Danger, *Harm):
            lines = wording.say(f"card-{name}").splitlines()
            assert len(lines) >= 3, (language, name)
            assert any(number in "".join(lines) for number in ("110", "119", "120")), (language, name)


@pytest.mark.parametrize(("danger", "text"), URGENT)
def test_what_was_learned_takes_no_card_away(encoder: Encoder, danger: str, text: str) -> None:
    assert _route(text, encoder=encoder).startswith("urgent:")


def test_a_vector_of_another_encoder_says_nothing(encoder: Encoder) -> None:
    text = "您的积分即将清零，可兑换现金，请点击"
    vector = encoder.encode_queries([text]).vectors[0]
    assert read(text, vector) != read(text)
    assert read(text, vector[::-1].copy()) == read(text, vector[:100]) == read(text)


def test_signals_in_a_warning_or_a_bill_make_no_scam_of_it(encoder: Encoder) -> None:
    warning = "【县公安局】凡是让您开共享屏幕、念验证码、转到安全账户的，都是诈骗，接到可疑电话请拨96110"
    assert suspect(warning).is_enough
    assert _route(warning, encoder=encoder) != "scam"
    assert _route("他让我转到安全账户，念验证码给他，我还没转", encoder=encoder).startswith("scam")


@given(st.text(max_size=300), st.booleans())
def test_any_text_has_a_route(text: str, forwarded: bool) -> None:
    routing = route(redact(clean(text)), forwarded=forwarded)
    assert (routing.danger is not None and not routing.harm) <= (routing.route is Route.URGENT)
    assert bool(routing.cards) >= (routing.route is Route.URGENT)
    assert routing.harm is None or routing.route in (Route.URGENT, Route.SCAM)


_REPEATED = (
    "在上 打了 说要 把 转 裸照 验证码 煤气 胸口疼 先交 要 我 让我 ( 被骗 车 12月 a 了 钱会 说 听 "
    "说我晕倒 说我气得晕倒 把球掉河里 孩子去不见了 想喝 要喝 吃了十片 安眠 烧紫点按 眼睛进 小时候 梦见醒来 我家狗 "
    "拿刀给我 走路往 。我妈掉河里 【我晕倒 ，吃？ 停经肚子 刚 刚刚 看来源 别的看详细 车翻 can’t"
)


@pytest.mark.parametrize("piece", _REPEATED.split())
def test_routing_a_long_repeated_text_takes_no_time(piece: str) -> None:
    text = clean(piece * 3000)
    started = time.perf_counter()
    route(text)
    urgent(text)
    assert time.perf_counter() - started < 0.5
