"""Urgent danger: somebody's life may hang on the next minutes, so nothing else is looked at first.

Each danger has a fixed card of reviewed wording in `bot/locale`. A message gets it when it names the danger *and*
sounds as if it were happening to somebody, not as if it were asked about in general. When in doubt the card is shown:
a needless card costs a few seconds, a missing one may cost more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from index.variants import to_simplified


class Danger(StrEnum):
    """What a first-aid card is for; the value names its message in the locale files."""

    SELF_HARM = "self-harm"
    VIOLENCE = "violence"
    GAS_POISONING = "gas-poisoning"
    GAS_LEAK = "gas-leak"
    FIRE = "fire"
    POISON = "poison"
    FOOD_POISONING = "food-poisoning"
    CHOKING = "choking"
    DROWNING = "drowning"
    ELECTRIC_SHOCK = "electric-shock"
    LIGHTNING = "lightning"
    STROKE = "stroke"
    HEART_ATTACK = "heart-attack"
    HEAT_STROKE = "heat-stroke"
    SNAKE_BITE = "snake-bite"
    TRAPPED = "trapped"
    MISSING = "missing"
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True)
class _Sign:
    danger: Danger
    named: re.Pattern[str]
    plain: bool = False
    """People say it of themselves, now, without naming anybody."""


def _sign(danger: Danger, pattern: str, *, plain: bool = False) -> _Sign:
    return _Sign(danger, re.compile(pattern), plain)


_FAMILY = (
    r"妈妈?|爸爸?|爹|娘|家父|家母|内人|老伴|老公|老婆|爷爷|奶奶|"
    r"外公|外婆|姥[姥爷]?|公公|婆婆|孩子|娃|儿子|女儿|闺女|孙[子女]?|宝宝"
)
_PERSON = rf"({_FAMILY}|小孩|老人|弟弟|妹妹)"
_THING = (
    r"(证|卡|折|本|包(?!子)|手机|钥匙|钱|积蓄|工作|作业|书|药|鞋|衣服|眼镜|玩具|戒指|项链|快递|车|狗|猫)"
    r"(?!.{0,2}[打关没]|[站店里上库场间])"
)
"""What somebody may have lost who is not lost himself."""
_NEAR_THING = r"[^，,。！!？?\s去出带拿遛骑开坐上下在从到跟和被没不了丢踪穿戴背]{0,6}"
"""Who goes out with a thing, for one, or is lost already, may be lost all the same."""
_HAS_LOST = rf"{_NEAR_THING}{_THING}.{{0,2}}(走?丢|走失|不见|找不)"
_DROPPED = r"[^，,。！!？?\s我你他她人推踢撞挤掉去孩娃孙儿女妈爸爷奶开来起完捞捡够]"
_NOT_DROPPED = "".join(rf"(?<!把{_DROPPED * length})" for length in range(1, 7))
"""Not what somebody let fall; a look back has one length."""
_FELL = rf"{_NOT_DROPPED}((?<!手机)(?<!钥匙)(?<!冰箱)|(?<=[捞捡够找抢看玩打](?:手机|钥匙)))掉"
_DEADLY = r"(农药|百草枯|敌敌畏|乐果|除草剂|鼠药|毒鼠强|毒药)"
_SLEEPING_PILLS = r"(安眠|安定(?!下|了下)|[唑西][仑泮])"
_TOO_MANY = (
    r"(([三四五六七八九十百3-9]|\d\d)[十几多来]{0,2}[片粒颗板瓶盒把]|[一半整][瓶把板盒]|"
    r"(很多|好多|太多|大把|一堆|好几|不少|所有|全部)(?![年天个次种回]))"
)
_SPOTS = r"[紫红]色?的?小?[点斑疹].{0,12}[压按].{0,4}不[退褪消掉]"
_CAUSTIC = r"(石灰|水泥|[硫盐强]?酸(?![奶菜])|[烧火]碱|洁厕|消毒液|84)"
# In order of precedence: a person who took pesticide to die needs the card for poison named after the one for self-harm
# only where nothing was taken; unconsciousness alone is the last, because the others say what to do about its cause.
_SIGNS = (
    # Before poison: nothing is taken yet, and somebody must stay beside them.
    _sign(
        Danger.SELF_HARM,
        r"(想(?!不?到|知|问)|(?<![不需只主])(?<!让我)(?<!叫我)要(?!是)|不如|打算|准备|干脆)[^，,。喝吞吃]{0,4}[喝吞吃](?![了下过])"
        rf"[^，,。]{{0,6}}({_DEADLY}|{_TOO_MANY}.{{0,2}}{_SLEEPING_PILLS}(?!.{{0,6}}才.{{0,3}}睡))(?!了|下)",
        plain=True,
    ),
    _sign(
        Danger.POISON,
        r"(喝|吃|服|吞|误服|误食|误喝|灌)(了|下|下去|过)?.{0,8}"
        r"(农药|百草枯|敌敌畏|乐果|草甘膦|除草剂|杀虫剂|老鼠药|鼠药|毒鼠强|洁厕|管道通|疏通剂|除垢剂|84|消毒液|甲醇|工业酒精|纽扣电池|"
        r"磁力珠|樟脑丸|汽油|柴油|强酸|硫酸|盐酸|烧碱|火碱|干燥剂|桐油|工业盐|一整瓶|一大把|整瓶药)",
    ),
    _sign(
        Danger.POISON,
        rf"[喝吃服吞灌][^，,。]{{0,3}}[了下掉][^，,。]{{0,6}}({_TOO_MANY}.{{0,3}}{_SLEEPING_PILLS}|{_SLEEPING_PILLS}.{{0,3}}{_TOO_MANY})|"
        rf"{_SLEEPING_PILLS}[^，,。]{{0,6}}[喝吃服吞灌][了下掉光完].{{0,4}}{_TOO_MANY}",
        plain=True,
    ),
    _sign(
        Danger.POISON,
        r"(农药|百草枯|敌敌畏|老鼠药|洁厕灵|管道通|疏通剂|消毒液|纽扣电池|安眠药).{0,6}(喝|吃|吞|咽)(了|下|进|一口|两口)",
    ),
    # Methanol: whoever sees badly after drinking does not sleep it off.
    _sign(
        Danger.POISON,
        r"(喝.{0,20}酒|酒.{0,6}喝).{0,60}(看不清|看不见|看(东西|什么|啥).{0,4}(花|糊|白|雪)|眼.{0,6}(发花|花了|模糊|发白|瞎)|白茫茫|视力)",
    ),
    # Its card is the one that says to keep rinsing the eyes.
    _sign(
        Danger.POISON,
        rf"{_CAUSTIC}.{{0,6}}[进溅喷崩迷滴弄].{{0,4}}眼(?!镜)|眼(?!镜).{{0,4}}[进溅喷崩迷滴弄].{{0,4}}{_CAUSTIC}",
    ),
    _sign(Danger.POISON, r"(打药|喷药|打农药|喷雾器).{0,16}(晕倒|昏|湿透|漏.{0,6}[背身])"),
    _sign(Danger.POISON, r"(打|喷|洒)(完|了)?(农)?药.{0,10}(头晕|恶心|呕吐|流口水|流涎|出汗|抽|发抖|看不清|喘)"),
    _sign(
        Danger.SELF_HARM,
        rf"{_DEADLY}.{{0,4}}([揣藏攥].{{0,4}}(兜|怀|袋|手|枕|床)|倒.{{0,3}}[杯碗])|[攥抱揣]着?.{{0,4}}{_DEADLY}",
    ),
    # Before choking: chlorine chokes too, but nobody must be hit on the back for it.
    _sign(
        Danger.GAS_POISONING,
        r"(84|消毒液|漂白|洁厕).{0,16}(混|兑|掺|一起|一块|同时).{0,20}(呛|喘|咳|胸闷|憋|晕|难受|睁不开)",
        plain=True,
    ),
    _sign(
        Danger.SELF_HARM,
        r"不想活|活不下去|活着没(有)?(意思|意义)|活够了|不如死了|(?<![热困饿笑]得)(?<![热困饿笑])想死(?![你我他她])|一了百了|"
        r"想.{0,6}跳(下去|楼|河|江)|结束这一切",
        plain=True,
    ),
    _sign(
        Danger.SELF_HARM,
        r"我要死给|自杀|轻生|寻短见|想不开|割腕|割脉|跳楼|跳河|跳江|上吊|结束(自己的)?生命|了结(自己|这一生)|离开这个世界|"
        r"(写|留)(了|好|下)?(一封)?遗书",
    ),
    _sign(
        Danger.VIOLENCE,
        r"(拿|持|举)着?刀(?![^我他她人孩娃妈爸]{0,5}(给[^，,。]{1,3})?([切削剁分割宰刮](?![了到着向]?[我他她人孩娃妈爸手腕脖])|杀[猪鸡鸭鱼羊]|砍[柴树骨](?!.{0,4}[我他她人孩娃妈爸腕脖])))|"
        r"要(杀|砍|打死)(我|人|了)|([弄整砍捅掐搞]死|杀了)([我俺咱]|你?全家)(?!了)|[砍杀]([我俺咱]们?)?(全家|一家)|"
        r"(陌生人|不认识的人|小偷|[盗歹窃]贼|歹徒).{0,4}(在|进|闯进|躲|藏).{0,3}(家|屋|房间|院)|"
        r"强奸|强暴(?![雨风雪])|轮奸|性侵|猥亵|非礼|"
        r"(老师|教练|校长|邻居|老板|同学|亲戚|司机|保安|继父|后爸|叔|伯|老头|男人|男的|有人).{0,4}摸了?[我俺咱]?家?"
        r"(女儿|闺女|孙女|孩子|娃|妹|下[身面体]|胸|屁股)(?!的?[两双]?[手脸头额脑肚脉])|"
        r"(?<!水枪)(在|正|又)打(我(?!的?(电话|手机|微信))|老婆|孩子|人)|家暴|抢劫|被抢|绑架|闯进(来|家|我家)|砍人|有人(跟踪|尾随)我",
    ),
    # Nobody smells it, and the card for leaks goes by the smell.
    _sign(Danger.GAS_POISONING, r"(一氧化碳|煤炉|蜂窝煤|炭火|炭盆).{0,20}(报警器|警报).{0,6}[响叫滴]", plain=True),
    _sign(
        Danger.GAS_POISONING,
        r"(煤气|[霉没梅]气(?=中毒)|一氧化碳|燃气|瓦斯|沼气|炭火|碳火|炭盆|火盆|烤火|烧炭|煤炉|炉子|蜂窝煤|热水器).{0,12}"
        r"(中毒|中了毒|熏(倒|晕|着)|晕|昏|倒了|头痛|头疼|恶心|没反应|叫不醒)",
    ),
    _sign(
        Danger.GAS_POISONING,
        rf"(粪池|沼气池|菜窖|地窖|下水道|窨井|污水井).{{0,12}}(晕|昏|倒|没反应|没动静|掉下去)|{_FELL}.{{0,3}}(化?粪池|沼气池|窨井|污水井)",
    ),
    _sign(
        Danger.GAS_LEAK,
        r"(煤气|燃气|天然气|液化气|瓦斯|煤气罐|气罐).{0,8}(泄漏|泄露|外泄|漏气|漏了|在漏|味|嘶嘶|呲呲|关不上|着火)|"
        r"(闻到|闻见|一股).{0,6}(煤气|燃气|天然气|瓦斯)",
    ),
    _sign(
        Danger.FIRE,
        r"着火|起火|失火|火灾|烧起来|(家|屋|厨房|楼道|楼里|走廊|电表|电瓶|电池|插座).{0,6}(冒烟|冒火|浓烟)|(被|让).{0,4}(火|浓烟).{0,4}困",
    ),
    _sign(
        Danger.FOOD_POISONING,
        r"(蘑菇|菌子|野生菌|见手青|野菜|曼陀罗|滴水观音|海芋|水仙|商陆|苦瓠|苦葫芦|野芹|毒芹|草乌|附子|断肠草|河豚|豆角|四季豆|木耳|酸汤子|吊浆粑|发芽土豆|苦杏仁|白果|甘蔗|桐油|亚硝酸盐|药酒|鱼胆)"
        r".{0,16}(吐|拉肚|腹泻|糊涂|胡话|胡言|恶心|小人|幻觉|头晕|发晕|昏|(?<!会)中毒|肚子疼|肚子痛|抽|发麻|[嘴舌].{0,2}麻|嘴唇发紫|看不清)",
    ),
    _sign(
        Danger.CHOKING,
        r"(噎|卡|呛|堵).{0,10}(喘不|上不来气|不上气|不能呼吸|不会呼吸|没法呼吸|说不出话|发不出声|脸.{0,3}(紫|青|白)|嘴.{0,3}(紫|青)|憋|没气)|噎(住|着)了|气管.{0,6}(卡|进)(了|住)",
    ),
    _sign(Danger.ELECTRIC_SHOCK, r"电线.{0,4}(掉|断|落)"),
    _sign(
        Danger.MEDICAL,
        r"(拖拉机|三轮|收割机|旋耕机|车).{0,6}翻.{0,12}(压.{0,3}([我他她人腿脚手头身底]|爷|奶|爸|妈|孩|娃)|[人我他她爷奶爸妈娃].{0,4}压)",
    ),
    _sign(
        Danger.TRAPPED, r"车.{0,4}(掉|冲|坠|翻|开)(进|入|到|在|下)?了?.{0,2}(水|河|江|湖|塘|沟)"
    ),  # before drowning: its card says how to get out of a car
    _sign(
        Danger.DROWNING,
        r"落水|溺水|淹着了|掉下去.{0,6}扑腾|水里.{0,4}扑腾|"
        rf"{_FELL}.{{0,3}}(冰窟|冰里|冰下|河|水|井|池塘|水塘|水库|江|湖|海|沟|渠)(里|中)?(了)?|(被|让|给).{{0,3}}(冲|卷)走|沉下去",
    ),
    # Before electric shock: nobody has to cut any power first.
    _sign(Danger.LIGHTNING, r"雷(击|劈)(中|了|到)|(?<![要会该怕免树屋房线杆视])(被|让|叫|给|挨)雷.{0,2}(打|击|劈)"),
    _sign(Danger.ELECTRIC_SHOCK, r"触电|(被|让)电.{0,3}(到|了|着|倒|击)|电倒"),
    _sign(
        Danger.STROKE,
        r"(嘴|口|脸|面|眼).{0,4}(歪|斜)|(说话|讲话|话|口齿|吐字).{0,5}(不清|不利|含糊|不出|大舌头)|说不出话|(半边|半身|一边|一侧|左边|右边|左|右)"
        r".{0,4}(身|脸|手|胳膊|臂|腿|脚).{0,6}(麻|不能动|动不了|不会动|抬不起|没劲|没力|无力|不听使唤|拿不[住稳])|手[^，,。抖]{0,10}拿不[住稳]|半身不遂|(中风|脑梗|脑溢血|脑出血|脑卒中).{0,4}(了|倒|犯|发作)",
    ),
    _sign(Danger.STROKE, r"走路.{0,4}[往向朝].{0,2}[边左右侧].{0,2}[偏倒栽斜歪]", plain=True),
    _sign(
        Danger.HEART_ATTACK,
        r"(胸口|胸前|前胸|胸部|胸|心口|心脏|心窝).{0,8}(疼|痛|闷|压|绞|憋|难受|石头).{0,24}(冷汗|大汗|出汗|喘|气短|左(臂|肩|胳膊|手)|后背|下巴|不停|厉害|受不了|要命|要死|分钟|小时|晕)"
        r"|(冷汗|大汗).{0,12}(胸|心口)|(胸口|心口).{0,12}(冷汗|大汗)|(心梗|心肌梗死|心脏病|心绞痛).{0,4}(犯|发作|又来|发了)",
    ),
    _sign(
        Danger.HEAT_STROKE,
        r"(中暑|热射病|晒|太阳底下|工地|高温|热).{0,16}(晕倒|昏|倒下|倒地|抽|不清醒|说胡话|没反应|叫不醒|体温.{0,4}4[0-9])",
    ),
    _sign(Danger.SNAKE_BITE, r"(蛇|马蜂|蜜蜂|胡蜂|蝎子|蜈蚣).{0,4}(咬|蜇|叮|蛰)"),
    _sign(
        Danger.TRAPPED,
        r"(被|给)?(困|埋|压|卡)(在|住|到).{0,10}(水|洪水|车|电梯|屋|楼|废墟|石头|房|山|泥|树)|(电梯).{0,6}(困|关|卡|坠|停)(人|住|在)|"
        r"(水|洪水).{0,6}(进|冲进|漫进|涌进)(了)?(屋|家|车|来)|(车).{0,6}(泡|淹|沉).{0,4}(水|打不开)|把.{0,4}埋(了|住|在)|(人|房子|屋).{0,4}被?埋(了|住)",
    ),
    _sign(
        Danger.MISSING,
        rf"{_PERSON}(?!{_HAS_LOST}).{{0,8}}"
        rf"(走丢|走失|失踪|被拐|被抱走|没回家|不见了|(丢了|找不到了|找不着了)(?!{_NEAR_THING}{_THING}(?!.{{0,2}}找)))",
    ),
    # What grows worse within the hour, and nobody takes for it.
    _sign(
        Danger.MEDICAL,
        rf"烧.{{0,40}}{_SPOTS}|{_SPOTS}.{{0,40}}烧|"
        r"(停经|(月经|例假|大姨妈).{0,6}没来).{0,30}((肚子|小腹|下腹).{0,6}(剧[痛疼]|绞[痛疼]|[疼痛][得死]|突然)|突然.{0,4}(肚子|小腹|下腹)|眼前发黑)|"
        r"(疫苗|打[完了过][^，,。]{0,4}针|吊瓶|[吃喝]).{0,20}((嗓子|喉咙?).{0,6}(嘶|喘|发紧|肿(?![痛疼]))|(舌头|嘴唇).{0,3}肿|脸.{0,3}肿.{0,10}喘)|疫苗.{0,20}喘",
    ),
    _sign(
        Danger.MEDICAL,
        r"(没|没有|停)(了)?(呼吸|心跳|脉搏)|(呼吸|心跳)(停|没)|心脏骤停|猝死|"
        r"昏迷|[晕昏]倒|[晕昏]到(?=了|在|地)|晕低|晕过去|昏过去|叫不醒|喊不醒|没(有)?反应|没(有)?意识|失去意识|不省人事|抽搐|抽风|口吐白沫|大出血|流血不止|"
        r"血.{0,4}止不住|止不住.{0,2}血|吐血|咳血|呼吸困难|喘不(过|上)(气|来)|上不来气|嘴唇.{0,2}(紫|青)|"
        r"(从|打).{0,6}(楼|梯|树|房|架).{0,4}(摔|掉|跌|坠)|(车|被).{0,3}撞(了|倒|伤|飞)|烧伤|大面积烫伤",
    ),
)

_KNOWN = (
    rf"{_FAMILY}|老头|老太|老爷|老两口|丈夫|妻子|嬷|嬤|阿公|阿婆|岳|崽|"
    r"哥|姐|弟|妹|叔|伯|婶|姨|姑|舅|邻居|同事|同学|朋友|工友|村里|家里"
)
_SOMEBODY = re.compile(
    r"救命|救救|还?有救|快来|快点|怎么办|咋办|咋整|咋个办|怎么救|急急|着急|刚刚|刚才|刚|现在|正在|突然|忽然|一下子|不行了|要死了|"
    rf"我|俺|咱|{_KNOWN}|"
    r"有人|个人|老人|小孩|他|她|这边|楼下|楼上|隔壁|闻到|闻见|"
    r"胸口|心口|胸闷|胳膊|嘴唇|洗澡|躺|呲呲|嘶嘶|"
    r"屋里|屋头|厨房|厕所|客厅|阳台|楼道|走廊|小区|门口|车里|车门|工地|地里|田里|水库"
)
_BEGUN = r"了|着|突然|一直|正在|还在|今早|今晨|昨[晚夜]|从早|早上起"
_STARTED = re.compile(rf"{_BEGUN}|咯|啦|咗|刚|现在")
_LONGEST_CRY = 40
_SHORT = 25
"""What is written in an emergency is short, and may leave out that it has begun."""
_VERY_SHORT = 12
"""So short that even who it happens to is left out."""
_OWN = re.compile(rf"(我|俺|咱|{_FAMILY}|家里|屋里|邻居|现在|刚才|刚刚).{{0,14}}({_BEGUN})")
_MINE = rf"((我|俺|咱)(们家|(?![们听看刷想问国县市村镇]))|(?:^|[，,。；;！!？?\s])({_FAMILY}))"
"""Oneself or one's family, and not who only reads or hears of others."""
_ONES_OWN = re.compile(_MINE)
_OWN_NOW = re.compile(rf"{_MINE}.{{0,20}}({_BEGUN})")
_HEARD, _OUTWEIGHS = 0.4, 0.7
"""From which chance on a message tells of some danger, and of one rather than of what a rule found. Measured in
docs/decisions/routing.md; low, because a needless card costs seconds."""
_GENERAL = 0.8
"""What the chance of the general card counts beside that of another, which says more."""
_SURE_OF_CARD = 0.25
"""Below this chance of the likeliest card no other than the general one is shown where cards differ in what to do to a
body."""
_NEEDED = {
    Danger.CHOKING: re.compile(r"喉|嗓|气管|[噎哽鲠卡呛咽吞吃食含憋咳嘴鼻]"),
    Danger.FIRE: re.compile(r"[火烟烧焦]|着了"),
    Danger.SNAKE_BITE: re.compile(r"[蛇蜂蝎虫咬蛰蜇叮]|蜈蚣|牙印"),
}
"""What somebody names whom these cards are for; what they say to do would hurt others."""
_LOOKS_ALIKE = frozenset(
    {
        *(Danger.POISON, Danger.FOOD_POISONING, Danger.CHOKING, Danger.LIGHTNING, Danger.STROKE),
        *(Danger.HEART_ATTACK, Danger.HEAT_STROKE, Danger.SNAKE_BITE),
    }
)
"""Illness taken for another. The other cards say how not to die with the victim, or to call somebody else."""
_UNREAL = re.compile(
    r"((?<![像跟])做[了过着]?[一个场]{0,2}[噩恶怪]?梦(?![都也])|梦[见到]|小时候)"
    r"((?!(?<![不没])醒[来后过]|现在|刚才|刚刚|今[天早]).)*"
)
"""A dream or childhood, until somebody comes back to the present."""
_OF_STRANGERS = (
    r"听说|据说|网上?传|网上说|群里说|传言|传闻|专家说|视频(说|[：:]|里)|抖音|网民|网友|近日|日前|据悉|报道|"
    r"新闻[里上说]|身亡|遇难|哪[里儿]的事|电视剧|电影|小品|游戏|水枪(?!.{0,12}[掉落淹])|"
    r"(股市|股票|基金|大盘|行情).{0,4}[着起失]火"
)
_TOLD_OF_STRANGERS = re.compile(_OF_STRANGERS)
_NOT_NOW = re.compile(
    rf"{_OF_STRANGERS}|是真的|真的吗|真的假的|真假|谣言|辟谣|哈哈|笑死|笑得|宣传|讲座|演练|那个?年代|警示牌|举报|兽医|赔不赔|理赔|能赔|"
    r"事后|[【#]|转发|转给|必看|家长们|各位家长|大家(都)?注意|才能报警|[，,]不然|\d月\d{1,2}日|不怕|预防|怎么防|怎样防|如何防|防止|避免|什么是|是什么|什么意思|有哪些|(哪些|什么)症状|前兆|征兆|知识|科普|措施|"
    r"(年|个?月|天)(以|之)?前|去年|前年|以前|曾经|得过|后遗症|康复|恢复期|"
    r"没(有)?反应.{0,4}视频|(视频|对面)没(有)?反应"
)
_ASKED = re.compile(
    r"如果|假如|假设|万一|为什么|为啥|会不会|能不能|可不可以|要不要|是不是|该不该|有没有用|行不行|好不好|对不对|办法|方法|还是|能救命|就(能|会|可以|不|灭)|"
    r"(可以|能|会|要|用|得|应该|需要|有用|管用|有效|靠谱|可信|安全|好使|行|对).{0,12}(吗|么|嘛|不\b)|(?<!救)吗[？?]?$"
)
_REMEDY = re.compile(r"[，,。；;！!？?\s][^，,。；;！!？?\s]{0,6}[吃喝喂用买抹贴扎][^，,。；;！!？?\s]{0,16}[？?]*$")
"""Who asks at the end what helps has told before what happens."""
_ANIMAL = re.compile(
    r"^[^被让叫给把救追捞牵抱拉骑放赶喂遛找抓捉撵和跟为]{0,20}?((?<=[家的只头条群个我俺养])|^)[小大老黑白花母公]{0,2}"
    r"(猫|狗|鸭|鸡|鹅|牛|羊|猪|兔)(?![蛋娃肉奶])[^人孩娃我他她妈爸咬踢顶撞]{0,3}$"
)
"""What stands before the danger in its clause where it happens to an animal, not to whoever runs after it."""
_OF_ANIMALS = frozenset({Danger.DROWNING, Danger.SNAKE_BITE, Danger.POISON})
_SENTENCE_END = re.compile(r"[。！!？?…；;\s】#\u2600-\u27bf\U0001f300-\U0001faff]+")
_LONGEST_END, _SENTENCES = 80, 3
"""How much of the end is read by itself, in characters and sentences."""
_LONG = 60
"""From here on the end is read by itself even where nothing before it speaks against a danger."""
_TO_EVERYBODY = re.compile(
    r"大家|各位|记[住得]|千万|务必|一旦|遇到|提醒|幸[亏好]|多亏|当时|后来|请[及立马尽勿]|我是.{0,6}(医生|大夫|护士|消防|警)|"
    r"(马上|立即|立刻|及时|赶紧|赶快|第一时间)(拨|打1|送|就医|报警)"
)
"""How forwards end that tell everybody what to do, or of a danger that is over."""
_CLAUSE_END = re.compile(r"[，,。；;！!？?\s]")
_TOLD_BY_STRANGER = re.compile(
    rf"^(?:(?!{_KNOWN}|我[说跟和对给打]).)*(?:说|自称)(?:(?![气急吓]得).)*?(?:我|你|您|俺|咱|{_KNOWN})(?:(?![气急吓]得).)*$"
)
"""What stands before the danger in its clause where a stranger says it of one's own people; not where somebody says it
of himself, or fainted at such news."""
_LONGEST_CLAUSE = 40
_FOR_MONEY = re.compile(
    r"^.{0,24}((要|让|叫|得|先|催|交|赔)[^了]{0,6}([一二两三四五六七八九十几百\d][万千百块元]|费|押金|保证金|赎金|钱|账|款)|[打转汇](钱|账|款))"
)
"""What is demanded; who has paid already says so with a word for done."""


def urgent(text: str, *, forwarded: bool = False) -> Danger | None:
    """The danger somebody is in right now, or none, by the written rules. Takes a text in Simplified characters.

    One that a stranger reports comes after one that the resident sees.
    """
    if forwarded and not is_own_cry(text):
        return None
    return _told(text) or (None if forwarded else _told_at_end(text))


def is_reported(text: str, danger: Danger) -> bool:
    """Whether nobody but a stranger speaks of the danger, who may have invented it for money."""
    matches = [match for sign in _SIGNS if sign.danger is danger for match in sign.named.finditer(text)]
    return bool(matches) and all(_is_told_by_stranger(match) for match in matches)


def is_own_cry(text: str) -> bool:
    """Whether a forward may tell of a danger at hand: short and in the first person, as when a daughter passes on what
    her father has just written. Others tell of people far away."""
    return len(text) <= _LONGEST_CRY and bool(re.search(r"我|俺|咱", text))


def heard_danger(chances: Mapping[str, float], by_rule: Danger | None, text: str) -> Danger | None:
    """The danger that a text tells of by the chances of its cards, or by what the rules found in it.

    What was learned finds three times as many as the rules. Where both find one, the rules are taken at their word
    unless the other card is far more likely. Where the rules find none, dreams, childhood and news of strangers get no
    card, unless somebody almost surely wants to die; and what may be one illness or another gets the general card.
    """
    dangers = {danger: chances[danger] for danger in Danger}
    likeliest = max(dangers, key=lambda danger: dangers[danger] * (_GENERAL if danger is Danger.MEDICAL else 1.0))
    if sum(dangers.values()) < _HEARD or (by_rule and dangers[likeliest] < _OUTWEIGHS):
        return by_rule
    if by_rule:
        return likeliest
    if _is_far_away(text) and not (likeliest is Danger.SELF_HARM and dangers[likeliest] >= _OUTWEIGHS):
        return None
    is_unsure = likeliest in _LOOKS_ALIKE and dangers[likeliest] < _SURE_OF_CARD
    is_unnamed = likeliest in _NEEDED and not _NEEDED[likeliest].search(text)
    return Danger.MEDICAL if is_unsure or is_unnamed else likeliest


def touches_danger(text: str) -> bool:
    """Whether a text speaks of a danger at all, so that an answer to it should name the numbers to call."""
    simplified = to_simplified(text)
    return any(sign.named.search(simplified) for sign in _SIGNS)


def _told(text: str) -> Danger | None:
    real = _UNREAL.sub("", text)
    # Who dreams of the dead may want to follow them.
    found = [
        sign.danger
        for sign in _SIGNS
        if _tells_of(sign, text if sign.danger is Danger.SELF_HARM and sign.plain else real)
    ]
    return next((danger for danger in found if not is_reported(text, danger)), found[0] if found else None)


def _told_at_end(text: str) -> Danger | None:
    """What somebody adds of himself or his family under a greeting or what he passes on."""
    if len(text) <= _LONG and not _NOT_NOW.search(text):
        return None
    sentences = [sentence for sentence in _SENTENCE_END.split(_UNREAL.sub("", text)) if sentence]
    ends = ("，".join(sentences[-count:]) for count in range(1, _SENTENCES + 1))
    own = (end for end in ends if len(end) <= _LONGEST_END and _ONES_OWN.search(end) and not _TO_EVERYBODY.search(end))
    return next((danger for danger in map(_told, own) if danger), None)


def _is_far_away(text: str) -> bool:
    real = _UNREAL.sub("", text)
    return (real != text or bool(_TOLD_OF_STRANGERS.search(text))) and not _OWN_NOW.search(real)


def _tells_of(sign: _Sign, text: str) -> bool:
    matches = (match for match in sign.named.finditer(text) if not _is_demand(sign, match))
    return any(not _is_of_animal(sign, match) for match in matches) and _is_happening(text, plain=sign.plain)


def _is_demand(sign: _Sign, named: re.Match[str]) -> bool:
    """Whether it is what swindlers say to get money: "the hospital says your child is unconscious, pay at once"."""
    is_pretext = sign.danger is Danger.MEDICAL or (sign.danger is Danger.VIOLENCE and "绑架" in named.group())
    return is_pretext and _is_told_by_stranger(named) and bool(_FOR_MONEY.search(named.string[named.end() :]))


def _is_of_animal(sign: _Sign, named: re.Match[str]) -> bool:
    return sign.danger in _OF_ANIMALS and bool(_ANIMAL.search(_clause_before(named)))


def _is_told_by_stranger(named: re.Match[str]) -> bool:
    return bool(_TOLD_BY_STRANGER.search(_clause_before(named)))


def _clause_before(named: re.Match[str]) -> str:
    before = named.string[max(0, named.start() - _LONGEST_CLAUSE) : named.start()]
    return _CLAUSE_END.split(before)[-1]


def _is_happening(text: str, *, plain: bool) -> bool:
    if _NOT_NOW.search(text) or (_ASKED.search(_REMEDY.sub("", text)) and not _OWN.search(text)):
        return False
    started = bool(_STARTED.search(text))
    if _SOMEBODY.search(text):
        return started or len(text) <= _SHORT
    return plain or (started and len(text) <= _VERY_SHORT)
