"""In which language somebody is answered."""

import time

import pytest

from bot.conversation.language import ENGLISH, SIMPLIFIED, TRADITIONAL, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("隔夜菜能吃吗", SIMPLIFIED),
        ("隔夜菜能吃嗎", TRADITIONAL),
        ("is garlic good", ENGLISH),
        ("iPhone 中毒了怎么办", SIMPLIFIED),
        ("what does 医保 mean?", ENGLISH),
        ("My neighbour keeps saying 停水 停水 - what's going on?", ENGLISH),
        ("女儿说要装 Teams and Zoom for work，安全不", SIMPLIFIED),
        ("wo ma ma shou dao yi ge duan xin, shi zhen de ma", SIMPLIFIED),
        ("are you here", ENGLISH),
        ("ibuprofen dosage children", ENGLISH),
        ("β受体阻滞剂不能停的。", SIMPLIFIED),
        ("Can I stop taking β-blockers?", ENGLISH),
        ("Is the café rumor true?", ENGLISH),
    ],
)
def test_it_is_that_of_the_text(text: str, language: str) -> None:
    assert language_of(text, None) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("is this a scam? 【中国银行】您的账户已被冻结，请立即点击解冻，逾期后果自负", ENGLISH),
        ("【公安部】你涉嫌洗钱案，请配合调查，否则将限制出境\n\nfreaking out, real or fake??", ENGLISH),
        ("您的快递已到丰巢，请于24小时内取走。  <- do i need to do something?", ENGLISH),
        ("The headline is “专家：吃大蒜可预防流感，你知道吗”, is that nonsense?", ENGLISH),
        ("这个是不是骗子: Dear customer, your parcel is held. Please confirm your address, can you?", SIMPLIFIED),
        ("Your package is waiting. Please confirm address.\n呢個係咪真㗎？我冇買嘢喎", TRADITIONAL),
        ("老伴收到个繁体的，是不是诈骗：【中華郵政】您的包裹因地址不完整無法投遞，請點擊連結更新資料", SIMPLIFIED),
        ("is this a scam? 【顺丰速运】您在家吗？您的快件已到，请点击链接", ENGLISH),
        ("is this real? 我是公安局王警官，你涉嫌洗钱", ENGLISH),
        ("real? “中国银行账户冻结，请点击”", ENGLISH),
        ("求辟谣 Doctors say you should not eat garlic, it can damage your eyes", SIMPLIFIED),
        ("请核实一下 Your account is suspended. Please confirm my identity?", SIMPLIFIED),
        ("https://mp.weixin.qq.com/s/abc是不是骗人的", SIMPLIFIED),
        ("https://mp.weixin.qq.com/s/abc這是真的嗎", TRADITIONAL),
        ("幫忙看一下，簡體的我不太懂：【顺丰速运】您的快件因收件人信息有误暂存驿站，请点击链接核对", TRADITIONAL),
        ("同事傳的「吃头孢喝白酒没事，只要隔三小时」有根據嗎", TRADITIONAL),
    ],
)
def test_own_words_decide_beside_a_paste(text: str, language: str) -> None:
    assert language_of(text, None) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("騙子[手机号]", TRADITIONAL),
        ("Mom received call [手机号] claiming police", ENGLISH),
        ("is this true http://a.example/x?[参数]", ENGLISH),
    ],
)
def test_what_redaction_left_is_in_nobodys_words(text: str, language: str) -> None:
    assert language_of(text, None) == language
    assert language_of("[手机号]", language) == language


@pytest.mark.parametrize("before", [ENGLISH, TRADITIONAL])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "OK",
        "hi",
        "bye bye",
        "ok ok",
        "thanks!",
        "😀",
        "https://example.org/news/a.html",
        "กระเทียม",
        "이거 진짜예요?",
        "これは本当です",
        "¿Dónde está?",
    ],
)
def test_where_it_is_in_none_that_of_before_holds(text: str, before: str) -> None:
    assert language_of(text, before) == before
    assert language_of(text, None) == SIMPLIFIED


def test_characters_of_both_scripts_keep_the_script_but_are_chinese() -> None:
    assert language_of("好呀", TRADITIONAL) == TRADITIONAL
    assert language_of("好呀", ENGLISH) == SIMPLIFIED


@pytest.mark.parametrize("run", ["ia", "a", ".", "a.", "a-", "b://", "“", "不 ", "【"])
def test_a_long_run_takes_no_time(run: str) -> None:
    begun = time.perf_counter()
    language_of(run * 20_000, None)
    assert time.perf_counter() - begun < 2
