"""Written rules on scams: what asks for the scam path, what has been done, and what does not hold against words."""

from __future__ import annotations

import time

import pytest

from bot.conversation.routing import Route, route
from bot.conversation.scam import Harm, Signal, harm_done, heard_harm, suspect


def _chances(likely: Harm) -> dict[str, float]:
    return {harm: 0.9 if harm is likely else 0.0 for harm in Harm}


@pytest.mark.parametrize(
    ("text", "is_scam"),
    [
        # Somebody comes to the door for gold, cash or a bank book.
        ("有人上门来收金子 已经到楼下了", True),
        ("家里来了两个陌生人要看我的存折,还没走", True),
        ("有人说来家里拿黄金,说我孙子犯事了要保释", True),
        ("他们派人来我家取现金,说十分钟就到", True),
        ("让我把金条准备好,一会派人上门取", True),
        ("屋头来了两个男的说要查我的存折", True),
        ("我妈把金首饰包好了 有个小伙来家里拿", True),
        ("本店上门回收黄金首饰 当面称重 克价最高", False),
        ("上门回收旧手机旧家电旧家具", False),
        ("物业上门收电费要现金", False),
        ("女儿女婿上门送了金首饰", False),
        ("燃气公司通知：上门人员佩戴工牌，不收现金，不推销。", False),
        ("警方提醒：上门收现金、黄金的一律是骗子", False),
        # The police on the telephone.
        ("派出所打电话来说我名下有张卡在上海洗钱,要我开视频做笔录不能挂", True),
        ("自称经侦的让我开微信视频做笔录", True),
        ("派出所来电话说我身份证被人冒用办了卡 要做笔录", True),
        ("反诈中心打电话叫我把钱转到监管账户", True),
        ("刑警打电话让我把钱存到核查户", True),
        ("派出所让我明天去做笔录，前天看到打架的事", False),
        ("我去派出所做笔录要带身份证吗", False),
        ("买房首付要打到监管账户吗", False),
        ("银行卡丢了不能挂失吗", False),
        # On the way to the bank, held on the telephone.
        ("老娘正在银行要给骗子汇钱 拦不住", True),
        ("公安局的人叫我别挂电话，去银行的路上", True),
        ("女婿微信急用三十万，不让告诉闺女，正在柜台排队", True),
        ("民警不许我挂电话 说要马上去取钱", True),
        ("老爸正在柜台给那个网友汇款 怎么拦", True),
        ("我爸现在去银行给我弟汇钱", False),
        ("银行说不让告诉别人密码", False),
        # Codes, cards, refunds and charges.
        ("种粮补贴打电话来核实要我报验证码", True),
        ("有人喊我报手机上收到的六个数字", True),
        ("叫我把支付宝那个付款码的数字念给他听", True),
        ("驿站让我报六个数字取件", False),
        ("姑娘让我把验证码念给她，帮我挂号，就在我旁边坐着", False),
        ("有人叫我出来办电话卡,一张给200", True),
        ("同学让我去开银行卡 一张给五百", True),
        ("移动公司办手机卡一个月19元", False),
        ("客户截图说多转2000让我退", True),
        ("买家转错了钱叫我还给他", True),
        ("我多转了200让他退", False),
        ("抖音客服说每月扣600", True),
        ("京东客服说我的会员今天要扣800", True),
        ("我问客服说每月扣15块会员费怎么取消", False),
        ("联通客服说每月扣5块彩铃", False),
        # Honest doings.
        ("信用社打电话说我的卡到期了要去柜台换新的,没要密码", False),
        ("卡到期了要去柜台换新的,没要密码", False),
        ("【工商银行】您正在登录手机银行,验证码382910,请勿泄露", False),
    ],
)
def test_what_is_demanded_takes_the_scam_path(text: str, is_scam: bool) -> None:
    assert (route(text).route is Route.SCAM) is is_scam


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("微信支付凭证 你已成功付款 12.50元 商户 老刘早餐", True),
        ("交易凭证 成功付款3元 地铁", True),
        ("我儿子就在我边上 叫我给他微信转两千", True),
        ("老公当面跟我说要我转两千给他", True),
        ("女儿微信语音跟我视频了,问我借五百块先用,确实是她", True),
        ("付款成功998元 非本人操作请联系客服", False),
        ("支付成功 500元 请点击链接退款 https://a.b/c", False),
        ("民警就在我边上让我把钱转到安全账户", False),
        ("侄子跟我视频了确实是他,说撞人了要赔五万", False),
        ("儿子就在我边上 说要刷单垫付", False),
    ],
)
def test_receipt_or_kin_who_stand_by_are_no_scam_by_signals_or_wording(text: str, is_plain: bool) -> None:
    found = suspect(text)
    assert found.is_plain is is_plain
    assert not (is_plain and (found.is_enough or found.reads_like_one))


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        ("钱刚刚转过去了才觉得不对 五分钟前", Harm.MONEY_SENT),
        ("刚给那人打了八千 这会儿他不回我了", Harm.MONEY_SENT),
        ("钱转出去十分钟了 越想越不对头", Harm.MONEY_SENT),
        ("把钱汇出去以后觉得不对劲 人家电话不接了", Harm.MONEY_SENT),
        ("借给朋友五千 转过去了 他不理我", None),
        ("付了三十块钱 回家才觉得不对 多收了我两块", None),
        ("我给老婆转了钱她不理我", None),
        ("【建设银行】验证码1234，请勿告诉他人", None),
        ("【工行】您的验证码8821，切勿告诉任何人", None),
        ("短信说请勿泄露，我还是把验证码告诉他了", Harm.CODE_GIVEN),
    ],
)
def test_harm_without_a_name_for_it(text: str, harm: Harm | None) -> None:
    assert harm_done(text) is harm


@pytest.mark.parametrize(
    ("harm", "text", "is_shown"),
    [
        (Harm.APP_INSTALLED, "女儿给我买了个智能手环 让我装个app", False),
        (Harm.APP_INSTALLED, "女儿教我装了个看病挂号的软件", False),
        (Harm.APP_INSTALLED, "我自己在应用商店下的记账软件", False),
        (Harm.APP_INSTALLED, "按客服说的下了个软件", True),
        (Harm.MONEY_SENT, "我刚给女儿转了3000学费 到账了", False),
        (Harm.MONEY_SENT, "给孙子发了五百压岁钱", False),
        (Harm.MONEY_SENT, "对方说是我儿子，我给儿子转了三万", True),
        (Harm.MONEY_SENT, "孙子在电话里哭，我去柜台打了两万，后来打给儿子说在上课", True),
        (Harm.CODE_GIVEN, "【工商银行】您正在登录手机银行,验证码382910,请勿泄露", False),
        (Harm.CODE_GIVEN, "验证码 6623 您正在登录 请勿告知他人", False),
        (Harm.CODE_GIVEN, "收到验证码写着请勿泄露 我还是念给他了", True),
        (Harm.MONEY_SENT, "有个帮我贷款的说我银行卡号填错了钱冻住了,要我先转8000解冻", False),
        (Harm.MONEY_SENT, "老板发截图说多转了我2000让我退给他", False),
        (Harm.MONEY_SENT, "抖音客服说我开通了直播会员,每月扣600,今天不关就扣钱", False),
        (Harm.MONEY_SENT, "说多打给我的让我退给他，我就退了", True),
        (Harm.MONEY_SENT, "要我先转8000解冻 我照做了", True),
        (Harm.MONEY_SENT, "做外汇老师说加钱能救 我又加了五万", True),
    ],
)
def test_what_was_learned_gives_way_to_plain_words(harm: Harm, text: str, is_shown: bool) -> None:
    assert heard_harm(_chances(harm), None, text) is (harm if is_shown else None)
    assert heard_harm(_chances(harm), Harm.CASH_GIVEN, text) is Harm.CASH_GIVEN


def test_no_money_card_is_left_out_without_the_scam_path_in_its_place() -> None:
    assert heard_harm(_chances(Harm.MONEY_SENT), None, "他让我把事情说清楚") is Harm.MONEY_SENT


def test_signals_of_what_happens_count_whatever_the_wording() -> None:
    found = suspect("有人上门来收金子 已经到楼下了")
    assert found.signals == {Signal.COLLECTOR}
    assert found.is_enough
    assert not found.hardly_reads_like_one


@pytest.mark.parametrize(
    "piece",
    [
        *("上门", "来家里收", "现金", "银行", "别挂", "正在给骗子", "叫我报", "把数字", "办电话卡", "一张给"),
        *("多转", "客服每月", "女儿", "给女儿", "转", "勿", "就在我边上"),
    ],
)
def test_long_repeated_text_takes_no_time(piece: str) -> None:
    text = piece * 3000
    started = time.perf_counter()
    suspect(text)
    harm_done(text)
    heard_harm(_chances(Harm.MONEY_SENT), None, text)
    assert time.perf_counter() - started < 0.5
