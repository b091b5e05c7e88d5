"""Signals of a scam, and how far somebody has already gone along with one.

The signals explain a route; their absence means nothing. The bot never calls a message safe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.message_model import Reading, read
from index.vectors import FloatVector


class Signal(StrEnum):
    """What speaks for a scam."""

    ACCUSATION = "accusation"
    SAFE_ACCOUNT = "safe_account"
    IMPERSONATION = "impersonation"
    TRANSFER = "transfer"
    URGENCY = "urgency"
    SECRECY = "secrecy"
    LINK = "link"
    REMOTE_CONTROL = "remote_control"
    CREDENTIALS = "credentials"
    TOO_GOOD = "too_good"
    TASKS = "tasks"
    INVESTMENT = "investment"
    STOCK_TIPS = "stock_tips"
    ADVANCE_FEE = "advance_fee"
    DEMAND = "demand"
    BLACKMAIL = "blackmail"
    STRANGER = "stranger"
    COLLECTOR = "collector"
    UNDER_WAY = "under_way"
    CODE_ASKED = "code_asked"
    CARD_TRADE = "card_trade"
    OVERPAID = "overpaid"
    CHARGE = "charge"


class Harm(StrEnum):
    """What the resident has already done; the value names the first-aid card in the locale files."""

    MONEY_SENT = "money-sent"
    CASH_GIVEN = "cash-given"
    CODE_GIVEN = "code-given"
    SCREEN_SHARED = "screen-shared"
    APP_INSTALLED = "app-installed"
    IDENTITY_GIVEN = "identity-given"


@dataclass(frozen=True, slots=True)
class _Weighted:
    weight: int
    pattern: re.Pattern[str]


def _weighted(weight: int, pattern: str) -> _Weighted:
    return _Weighted(weight, re.compile(pattern, re.IGNORECASE))


_KIN = r"(?:儿子|女儿|闺女|儿媳|女婿|孙子|孙女|外孙|侄子|侄女|外甥|老公|老婆|老伴|爸|妈|父母|爷爷|奶奶|弟|妹|哥|姐)"
_AMOUNT = r"(?:\d|[一二两三四五六七八九十几]+[百千万])"
_VALUABLES = r"(?:黄金|金子|金条|金首饰|首饰|金镯|金项链|现金|现钱|存折|银行卡|积蓄)"
_AT_HOME = (
    r"(?:上门|到家里?|[来到][我俺咱]家|来家里?|来(?:屋里|屋头)|(?:家里|屋里|屋头|家门口)来|到(?:楼下|门口)|派人来)"
)
_BANK = r"(?:银行|信用社|柜台|柜员机|取款机|邮局|取钱|打钱|汇钱|转钱|转账|汇款|取现)"
_HELD = (
    r"(?:(?:不让|不准|不许|[叫让喊要][我俺咱她他].{0,2}(?:别|不要|不能|莫))[我俺咱她他]?"
    r"(?:挂|报警|告诉(?!.{0,6}(?:密码|验证码))|[跟和].{0,4}说))"
)
"""What keeps somebody on the telephone and away from help, as it is told; a warning says "do not" to everybody."""
_SWINDLER = r"(?:骗子|诈骗犯|[“\"]?(?:警官|警察|公安|客服|网友|大师))"
_PAYING = (
    rf"(?:给.{{0,4}}{_SWINDLER}.{{0,6}}(?:[汇转打寄送取](?:钱|款|账|现金))(?!了)|"
    rf"[汇转打寄送](?:钱|款|账|现金)?给.{{0,4}}{_SWINDLER})"
)
_CODE = r"(?:(?:验证|校验|动态|付款)码|[四六46] ?[个位](?:数字?|号码))"
_CARD = r"(?:(?:电话|手机|银行|储蓄)卡|微信号|支付宝号|抖音号|对公账?户)"
_PRICED = rf"[一每](?:张|个月?|天|月|次|套).{{0,4}}(?:给|赚|得|租金|报酬|佣金).{{0,3}}{_AMOUNT}"
_TOLD_TO = r"(?:[让叫喊要](?:我|俺|咱|他|她|老人|老太太|妈|爸))"
_SIGNALS = {
    Signal.SAFE_ACCOUNT: _weighted(
        4,
        r"安全账户|安全帐户|资金核查|资金清查|清查账户|核查账?户|监管账?户|验资|自证清白",
    ),
    Signal.ACCUSATION: _weighted(
        2,
        r"涉嫌|洗钱|通缉|逮捕|涉案|犯罪|违法记录|被(别?人)?冒用|冒用.{0,4}[办开]了?.{0,2}卡|名下.{0,8}(卡|号|贷)|征信.{0,4}(问题|不良|污点|异常)|"
        r"(视频|网上|线上|微信|qq).{0,8}做.{0,2}笔录",
    ),
    Signal.IMPERSONATION: _weighted(
        1,
        r"公安|警察|警官|民警|派出所|反诈中心|刑警|经侦|检察|法院|法官|公检法|社保局|医保局|医保中心|税务局|银保监|金融监管|通信管理局|征信中心|客服|"
        r"领导|老板|经理|导师|老师带|专家|教授|航空公司|快递(公司|员)|班主任|部队|军人|银联|支付宝|京东金融|抖音",
    ),
    Signal.TRANSFER: _weighted(
        2,
        r"转账|转钱|转到|转给(?!.{0,2}(家|亲|朋|大家|群|需要|身边|更多|孩|爸|妈|长辈|老人|邻|有))|转过去|汇款|汇到|打钱|打款|打到|付款|交钱|先交|赔钱|保证金|解冻(费|金)?|手续费|工本费|垫付|垫资|充值|刷流水|流水|"
        r"公证费|个税|押金|定金|会员费|激活费|买黄金|金条|虚拟币|比特币|usdt|u币|礼品卡|取现",
    ),
    Signal.URGENCY: _weighted(
        1,
        r"马上|立即|立刻|尽快|今天内|今日|最后一天|逾期|过期|停用|停机|冻结|失效|注销|否则|不然|后果自负|小时内|限时|名额",
    ),
    Signal.SECRECY: _weighted(
        3,
        r"(不要|别|不能|不许|不得|不可以|勿)[^，。！？；,.!?;\s]{0,5}(告诉|跟|和|让|(?<!转)给).{0,6}(人|家|爸|妈|儿|女|说|知道)|保密|"
        r"(不许|不能|不要|不准|不让我?|别)挂(断|掉|了|电话|(?=[，。！？；,.!?;\s]|$))",
    ),
    Signal.LINK: _weighted(
        1,
        r"https?://|www\.|链接|点击|点开|扫码|扫一扫|二维码|下载.{0,8}(app|软件|应用)|加.{0,4}(微信|qq|群|好友|v)|[进建拉].{0,2}群",
    ),
    Signal.REMOTE_CONTROL: _weighted(
        3, r"屏幕共享|共享屏幕|共享.{0,3}屏|远程(控制|协助|操作)|会议软件|视频会议.{0,6}(指导|操作)|贴(在|着)手机"
    ),
    Signal.CREDENTIALS: _weighted(
        3,
        r"((?<![没不])(?<!没有)要|报|说|提供|告诉|填|输入|发|念).{0,6}(验证码|密码|卡号)|(验证码|密码|银行卡号).{0,6}(给|发|告诉|报|提供)|给.{0,4}(验证码|密码)|"
        r"(给|发|拍|报|提供).{0,6}身份证|身份证.{0,6}(给|发|拍)|刷脸|人脸识别|眨眼",
    ),
    Signal.TOO_GOOD: _weighted(
        2,
        r"稳赚|保本|高收益|高回报|日赚|日入|月入|返利|返现|翻倍|内幕|包过|中奖|免费领|免费送|领鸡蛋|领补贴|领取.{0,6}(补贴|补助|慰问)|"
        r"分红|百分之百|包治|全额退|代理退保|百万保障|民族资产|养老(项目|金).{0,6}(投资|翻|涨)",
    ),
    Signal.TASKS: _weighted(
        4, r"刷单|做任务|点赞.{0,8}(钱|元|块|赚|返|佣金)|佣金.{0,8}(提|取|返|垫)|跑分|兼职.{0,12}(日结|手机)"
    ),
    Signal.INVESTMENT: _weighted(2, r"投资|理财|炒股|外汇|原始股|虚拟币|比特币"),
    Signal.STOCK_TIPS: _weighted(
        3, r"荐股|牛股|操盘手|(涨停|股票).{0,12}(老师|进群|加群|建群|内部)|(老师|群).{0,6}(炒股|股票)"
    ),
    Signal.DEMAND: _weighted(1, r"[让叫喊要催]我.{0,8}(转|打|汇|交|付|垫|买|钱)"),
    Signal.BLACKMAIL: _weighted(
        4,
        r"(裸聊|裸照|裸体|不雅|(隐私|私密)(的)?(照|视频|录像)).{0,16}(泄露|曝光|公开|群发|发给|发到|传到|散布|威胁|勒索|要挟|敲诈|手[里上中])|"
        r"(手[里上中]有|公开|曝光|群发|散布|泄露|删除?).{0,8}(裸聊|裸照|裸体|不雅|(隐私|私密)(的)?(照|视频|录像))|"
        r"通讯录.{0,16}不想.{0,4}(群发|曝光|公开)",
    ),
    Signal.ADVANCE_FEE: _weighted(
        3,
        r"先(交|付|转|打|缴).{0,8}(保证金|解冻费|手续费|工本费|激活费|个税|验证金)|"
        r"(保证金|解冻费|流水|验证金).{0,10}(放款|提现|解冻|领取|下款)",
    ),
    Signal.STRANGER: _weighted(
        1,
        r"陌生|没见过面|网上认识|网恋|自称|冒充|对方说|来电话?说|打电话说|有人说|短信说|收到短信|收到(一个|一条)?(快递|邮件)",
    ),
    Signal.COLLECTOR: _weighted(
        4,
        rf"{_AT_HOME}.{{0,12}}(?:收(?!据)|拿|取|看|要|查|验|保管).{{0,4}}{_VALUABLES}|"
        rf"{_VALUABLES}.{{0,16}}{_AT_HOME}.{{0,6}}(?:收|拿|取)|"
        rf"(?:黄金|金子|金条|首饰|现金).{{0,10}}(?:送|拿|提|交)[到去下].{{0,6}}(?:楼下|路口|小区门口).{{0,6}}[给交]",
    ),
    Signal.UNDER_WAY: _weighted(
        4,
        rf"{_BANK}.{{0,24}}{_HELD}|{_HELD}.{{0,24}}{_BANK}|(?:拦|劝|不听|非要|正在|现在|在银行|在柜台).{{0,16}}{_PAYING}|"
        rf"{_PAYING}.{{0,12}}(?:[拦劝]不住|[咋怎]么?拦|不听)",
    ),
    Signal.CODE_ASKED: _weighted(
        4,
        rf"{_TOLD_TO}(?:(?![别不勿没]).){{0,4}}[报念说发](?:(?!取件).){{0,10}}{_CODE}|{_TOLD_TO}把.{{0,14}}{_CODE}.{{0,6}}(?:[报念发说]|告诉)",
    ),
    Signal.CARD_TRADE: _weighted(
        4,
        rf"[办开收卖租借用].{{0,8}}{_CARD}.{{0,12}}{_PRICED}|{_CARD}.{{0,4}}[办开收卖租借用].{{0,12}}{_PRICED}|"
        rf"{_AMOUNT}.{{0,2}}一张.{{0,8}}[办收租买].{{0,6}}{_CARD}",
    ),
    Signal.OVERPAID: _weighted(
        4,
        r"(?:[多错][转打付汇]|[转打付汇][错多])了?.{0,16}[让叫喊要](?:我|俺|咱).{0,6}[退返还]",
    ),
    Signal.CHARGE: _weighted(4, r"(?<![问找打])客服.{0,24}(?:每个?月|一个月|今天|明天|自动).{0,6}(?:扣|收).{0,6}\d"),
}
_EXCUSES = {
    Signal.SAFE_ACCOUNT: re.compile(r"(?:首付|预售|购房|房款|楼).{0,20}监管账?户"),
    Signal.COLLECTOR: re.compile(
        rf"不(?:会|得|再)?(?:上门|收)|回收|收购|高价|本店|克价|村干部|村会计|网格员|电费|水费|医保费|物业|房租|彩礼|{_KIN}[^的说让叫喊要，,。\s]{{0,4}}(?:上门|来家|来我家|回家)"
    ),
    Signal.CODE_ASKED: re.compile(r"取件|驿站|快递柜|营业厅|窗口|柜员|取餐|核销|在我(?:旁边|边上|身边)"),
    Signal.CHARGE: re.compile(r"移动|联通|电信|套餐|10086|话费|流量|宽带"),
}
"""What makes an honest thing of what a signal found: a jeweller who buys gold, a code for a parcel."""
_ONLY_TOLD = frozenset(
    (
        *(Signal.COLLECTOR, Signal.UNDER_WAY, Signal.CODE_ASKED),
        *(Signal.CARD_TRADE, Signal.OVERPAID, Signal.CHARGE),
    )
)
"""What happens to somebody, as he tells it: how fraudsters word what they send says nothing of it."""
_WARNING = re.compile(r"凡是|一律|都是(?:诈骗|骗)|提醒|切勿|警惕|谨防|预警|防范|近日|近期|警方|市民|当心|喇叭|判过?刑")
"""Says to everybody what happens to others."""
_ENOUGH = 4
_LIKELY, _SURELY = 0.45, 0.8
"""From which chance on what is passed on is a scam, and what asks as well, as fraudsters do too. Measured in
docs/decisions/routing.md; low, because a scam that is missed costs more than an advert called one."""
_HARDLY = 0.1
"""Below this chance the signals are those of a bill or of a warning of scams."""
_HEARD = 0.3
"""From which chance on somebody tells of harm done; low, because the next minutes count."""
_ADVERT, _POSSIBLE = 0.6, 0.25
"""From which chance on a message is an advert, if that of a scam lies below the second."""

_SCAM_CONTEXT = re.compile(
    r"骗|上当|对方|客服|公安|警察|警官|检察|法院|账户|刷单|导师|投资|陌生|群里|保证金|解冻|验证码|链接|贷款|退款|领导|冒充|"
    r"网友|网恋|接到.{0,4}电话|自称|他们|不是本人|不对劲|要回来|追回|理财|网上赌|币圈|炒币|取不出|提不出|拉黑|联系不上|人没了|被(转|划)走|上门|跑腿|"
    r"根本没这|(网站|平台|交易所).{0,6}(打不开|登不上)|(共享|现金|小卡片).{0,24}怎么办|"
    r"平台.{0,12}[提充投]|中奖|网上(认识|兼职|赌)|老师.{0,6}[充投转]|提(不了|不出)现|提现不|"
    r"[转汇]了.{0,4}[一二两三四五六七八九十几百\d][万千百块元].{0,8}(怎么办|咋办|咋整)"
)
_SAYS_SCAM = r"骗|上当|冒充|自称|对方|(公安|警察)(?!.{0,8}国家反诈)|客服|陌生|安全账户|不是本人|不对劲|保证金"
_SURELY_SCAM = re.compile(_SAYS_SCAM)
_UNEASY = re.compile(
    r"觉得不对|不对头|不回我|不理我|不回(?:消息|信息|话)|电话也?不接|越想越(?:不对|怕|慌|悬|像|后怕|蹊跷|不踏实)"
)
_QUARREL = re.compile(r"借给|借了|欠|还钱|不还|还我|工资|工钱|货款|多收|少给|少找|算错|找错|找零|吵架|分手|闹别扭")
"""Why somebody who was paid does not answer, or a bill is wrong, where nobody swindles."""
_OWN_BUSINESS = re.compile(rf"(给|转给|汇给|打给)(我)?(家)?(老家|亲戚|{_KIN})|转错")
"""Money that goes to one's own family, or to a wrong account, went to no swindler."""
_AMONG_KIN = re.compile(
    rf"给[我俺]?{_KIN}.{{0,3}}(?:[转汇发寄]|打(?!.{{0,2}}电话))|[转汇寄][了钱账]?.{{0,6}}给[我俺]?{_KIN}|"
    rf"{_KIN}(?:(?![信Qq说]).){{0,4}}[给帮替让叫教喊]我.{{0,2}}(?:[买装下弄办]|[^，,。]{{0,8}}装)|自带的?(?:应用)?商店里?下|自己.{{0,6}}商店里?下"
)
"""Money paid to one's own family, and what the family or the resident himself installs: more exact, as it holds against
what was learned."""
_ORDINARY = re.compile(r"国家反诈|钉钉|社保|医保|学费|话费|疫苗")
"""What most people pay, install or show their face for; those who were swindled about it say so."""
_SAID_SO = re.compile(
    rf"{_SAYS_SCAM}|领导|链接|打电话|转走|划走|账户|没了|验证码|群里|取不出|提不出|拉黑|联系不上|共享|刷单"
)
_DONE = {
    Harm.SCREEN_SHARED: re.compile(
        r"(开|打开|点|同意|进行|做)了?.{0,6}(屏幕共享|共享屏幕|远程)|(屏幕共享|共享屏幕|共享了?屏幕|远程控制).{0,6}(了|过)|我.{0,2}共享了"
    ),
    Harm.CASH_GIVEN: re.compile(
        r"(现金|金条|黄金|钱).{0,10}(交给|拿走|取走|寄(走|出|过去|给|了)|给了)|(把|将).{0,8}(现金|黄金|金条).{0,10}(给|交|寄)"
    ),
    Harm.MONEY_SENT: re.compile(
        r"(转|汇|付|充|交|投|存)(了|过去|过了|出去|进去|走).{0,16}(钱|款|元|块|万|千|百|账|卡|保证金|费|\d)|"
        r"打(了|过了).{0,10}(钱|款|账|过去|给|卡)|给.{0,8}打(了|过去).{0,4}[一二两三四五六七八九十几\d]|打(过去|出去|进去)|(转|汇)(过去|出去)了|"
        r"(钱|款|元|块|万|千|账|费|金)(?!.{0,2}会).{0,10}(转|汇|打|付|充|投|交)(了|走|过去|出去|进去|给了|完)|"
        r"(转|汇|打|付|交|充)(给|到|进).{0,10}了|(转|汇|打)(账|款|钱)(了|过去)|汇了款|"
        r"(钱|万|元|块|千)(?!.{0,2}会).{0,6}(没了|被骗|骗走|转走|划走|不见了)|被(骗|诈骗)(了|走|去).{0,6}(\d|钱|[一二两三四五六七八九十几]|万|千|块|元)|"
        r"给(骗子|对方|人家).{0,6}(转|打|汇)(了|的|过去)"
    ),
    Harm.CODE_GIVEN: re.compile(
        r"验证码(?!.{0,4}[不别勿]).{0,8}(告诉|给|发|报|念|说|提供)了?.{0,6}(他|她|对方|人家|客服|别人|人|骗子|过去|出去|了)|(告诉|给|发|报|念)了.{0,10}验证码"
    ),
    Harm.APP_INSTALLED: re.compile(r"(下载|装|安装|下)了.{0,12}(app|软件|应用|程序)", re.IGNORECASE),
    Harm.IDENTITY_GIVEN: re.compile(
        r"(身份证|银行卡|人脸|刷脸|照片).{0,10}(发|给|拍|传|录)(了|给|过去)|(给|帮|跟).{0,6}(刷脸|人脸).{0,6}了|(刷|扫)了(人)?脸"
    ),
}
_DEMANDED = re.compile(r"(?:让|叫|要求|要|催)(?:我|俺|咱|老人)[^，。,；;！!？?\s了]*+(?!了)")
"""What somebody only demands; "he made me transfer" goes on with a word for done and stays."""
_WARNED = re.compile(r"(?:勿|请不要|千万[别不]要?)[^，。,；;！!？?\s]*+")
"""What a bank writes under its codes."""
_OTHERS_DID = re.compile(
    r"[多错][转打付汇]了|[转打付汇填]错了|说(?:是?我)[^，,。]{0,12}(?:开通|办理|订|买|欠|填错|弄错)了"
)
"""What the other side says has happened."""
_ACTED = re.compile(
    r"(?:转|汇|打|付|交|充|投|给|发|报|念|告诉|填|输|扫|点|刷|下|装|开|拍|取|寄|买|借|退|花|放|加|存|垫|缴)[^，,。\s]{0,6}(?:了|过(?!来)|完|咗|咯|啦|出去|掉)|"
    r"投[到在给]|照[做办]|听了他|信了|没了|不见了|少了|完了|消失|[取拿提出]不|出来|亏|损失|骗了|被[骗转划刷扣]|已经"
)
"""That anything was done, in the most words there are for it."""
_CODE_SENT = re.compile(r"验证码.{0,24}勿")
_KIN_PRESENT = re.compile(
    rf"{_KIN}.{{0,4}}(?:[在坐站](?:我|俺|咱)?(?:边上|旁边|身边|跟前|面前)|当面)|{_KIN}.{{0,6}}跟我视频了.{{0,16}}(?:是[他她]|本人)"
)
_RECEIPT = re.compile(r"(?:支付|付款|交易)凭证|成功付款|(?:支付|付款)成功")
_NOT_PLAIN = re.compile(
    r"对方|客服|截图|退|非本人|点击|回复|致电|联系|会员|保障|https?:|www\.|\[[^\]\s]{1,6}\]|\d{5}|[急赔撞]|手术|住院|出事|万|别告诉|不让"
)
"""What speaks of more than somebody who is there, or a payment at a shop: a link, a number, an emergency."""
_PLAIN_SIGNALS = frozenset((Signal.TRANSFER, Signal.DEMAND, Signal.IMPERSONATION))
_UNDONE = re.compile(
    r"还没|没有?(转|给|汇|打|付|交|告诉|发)|要不要(转|给|汇|打|付|交|信|点|把)|"
    r"[要该](告诉|报|念)|(能不能|该不该|可不可以|要不要|可以|能)(告诉|转|给|汇|打钱|付|交|信|相信|点|把(?!.{0,8}(追|要回|退|拿回)))"
)
_HEARD_OF = re.compile(r"听说|据说|网传|新闻|报道|警方|近日|近期|日前|案例")
_JUST_FOOLED = re.compile(
    r"(我|妈|爸|老伴|爷爷|奶奶|家人|老人|刚|已经).{0,8}(被骗了|上当了|受骗了|被骗走|被诈骗了)|^(被骗了|被诈骗了|被人骗了|上当了|上当受骗了|受骗了)"
)

_JUST_PAID = re.compile(
    r"(?:我|俺|咱|已经|都|刚才|刚|把|钱)*+(?:(?:转|付|汇)(?:钱|账|款)?|打(?:钱|款))(?:过去|出去|给(?:他|她|对方|人家)们?)?了"
    r"(?:怎么办|咋办|咋整)?[。！!？?，,呀啊]*"
)
"""The whole of a message. Nobody tells a bot that he has just paid, unless it was a swindler."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a text smells of a scam, and what of it."""

    signals: frozenset[Signal]
    score: int
    """Of the signals, by their weights."""
    reading: Reading
    """How it is worded, and which of its words say so."""
    is_plain: bool = False
    """Whether it is a receipt, or tells of one's own kin who stands by; nobody is told that it is safe."""

    @property
    def is_enough(self) -> bool:
        """Whether the signals alone are enough to take the scam path, even when no article is found."""
        return self.score >= _ENOUGH and not self.is_plain

    @property
    def reads_like_one(self) -> bool:
        """Whether it is worded as fraudsters word what they send."""
        return self.reading.scam >= _LIKELY and not self.is_plain

    @property
    def surely_reads_like_one(self) -> bool:
        """Whether it is, even if it were somebody's question."""
        return self.reading.scam >= _SURELY

    @property
    def hardly_reads_like_one(self) -> bool:
        """Whether its wording speaks against a scam, whatever its signals but those of what happens to somebody."""
        return self.reading.scam < _HARDLY and not self.signals & _ONLY_TOLD

    @property
    def reads_like_an_advert(self) -> bool:
        """Whether it is worded as shops and firms word what they send, and hardly as fraudsters do."""
        return self.reading.advert >= _ADVERT and self.reading.scam < _POSSIBLE


def suspect(text: str, vector: FloatVector | None = None) -> Suspicion:
    """Which signals a text shows; its vector, where it is known, says what it is about."""
    fired = {signal for signal, rule in _SIGNALS.items() if rule.pattern.search(text)}
    fired -= {signal for signal, honest in _EXCUSES.items() if honest.search(text)}
    if _WARNING.search(text):
        fired -= _ONLY_TOLD
    score = sum(_SIGNALS[signal].weight for signal in fired)
    is_plain = bool(_RECEIPT.search(text) or _KIN_PRESENT.search(text)) and not _NOT_PLAIN.search(text)
    return Suspicion(frozenset(fired), score, read(text, vector), is_plain and fired <= _PLAIN_SIGNALS)


def heard_harm(chances: Mapping[str, float], by_rule: Harm | None, text: str) -> Harm | None:
    """What the resident says has already happened, by the chances of its cards or by what the rules found.

    text: what the chances were read from. What was learned does not hold against words that say who was paid, or that
    nobody was yet.
    """
    harms = {harm: chances[harm] for harm in Harm}
    if by_rule or sum(harms.values()) < _HEARD:
        return by_rule
    likeliest = max(harms, key=harms.__getitem__)
    return None if _speaks_against(likeliest, text) else likeliest


def _speaks_against(harm: Harm, text: str) -> bool:
    if _AMONG_KIN.search(text):
        return not any(pattern.search(text) for pattern in (_SCAM_CONTEXT, _SAID_SO, _UNEASY))
    acted = _ACTED.search(_OTHERS_DID.sub("", _WARNED.sub("", _DEMANDED.sub("", text))))
    if harm is Harm.CODE_GIVEN and _CODE_SENT.search(text):
        return not acted
    if harm is not Harm.MONEY_SENT or acted:
        return False
    suspicion = suspect(text)
    return suspicion.is_enough or suspicion.reads_like_one


def harm_done(text: str) -> Harm | None:
    """What the resident says has already happened, or none, by the written rules.

    Paying somebody is no harm by itself: the words around it must speak of a scam.
    """
    told = _WARNED.sub("", _DEMANDED.sub("", text))
    if _UNDONE.search(told) or _HEARD_OF.search(text):
        return None
    if _OWN_BUSINESS.search(text) and not _SURELY_SCAM.search(text):
        return None
    if _ORDINARY.search(text) and not _SAID_SO.search(text):
        return None
    if _SCAM_CONTEXT.search(text) or (_UNEASY.search(text) and not _QUARREL.search(text)):
        for harm, pattern in _DONE.items():
            if pattern.search(told):
                return harm
    return Harm.MONEY_SENT if _JUST_FOOLED.search(told) or _JUST_PAID.fullmatch(told.strip()) else None
