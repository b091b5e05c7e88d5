"""Which places a text names.

Provinces and prefectures are known by name. Of everything smaller, down to the reservoir above the village, only the
kind is known: what stands before 县, 村 or 水库 is its name, unless it cannot be one.
"""

from __future__ import annotations

import re

_KNOWN = """
北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南
陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
太原 阳泉 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳
大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛 长春 辽源 通化 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗
双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州
六安 亳州 池州 宣城 福州 厦门 莆田 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 临沂 德州 聊城 滨州 菏泽 郑州 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳
许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲
湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州
梅州 汕尾 河源 阳江 清远 东莞 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 崇左 海口
三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜
凉山 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南 昆明 曲靖 玉溪 保山 昭通 丽江 临沧 楚雄 红河 西双版纳 德宏
怒江 迪庆 拉萨 日喀则 昌都 林芝 那曲 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 商洛 兰州 嘉峪关 金昌 天水 武威 张掖
平凉 酒泉 庆阳 定西 陇南 临夏 甘南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 昌吉 博尔塔拉
巴音郭楞 阿克苏 喀什 伊犁 塔城 阿勒泰 石河子
"""
"""Those that are also part of a word are left to their kind: 三明 (治), 大理 (石), 哈密 (瓜), 开封, 日照, 安康."""
_NAMED = re.compile("|".join(sorted(_KNOWN.split(), key=len, reverse=True)))

_NO_NAME = re.compile(
    r"[今明昨前后当每这那]天|[今昨][早晚夜儿]|[上下]个?月|[上下]?个?(?:周|星期|礼拜)[一二三四五六日天末]?|[年月]底|刚[才刚]"
    r"|告诉|通知|自[称家]|冒充|[帮急]忙|结果|可是|隔壁|周围|[上下里外前后东西南北]头|城中村|护城河|堰塞湖|江湖"
    r"|公[立办]|开发|保护|行政|自治"
    r"|[儿孙孩妻]子|[孙闺侄]女|老家|亲戚|邻居|同事|领导|春节|国庆"
)
"""Words and compounds that are no name, nor part of one, though they stand before a kind."""
_NOT_FIRST = (
    "的了们是在对赴起为有跨以由与或被把除返抵让给说各该这那时令些您我你他她它并等其如使受去每某何哪几两一用从"
    "住想就能请先又再还也跟找问看听喊叫要坐跳"
    "省市县区镇乡"
)
_NOT_LAST = (
    "里们个全在到各本该这那某的了去来往回进送说讲是叫见过现爬上下靠离后前面晚又年度超菜社小地灾大甲规块饰有没不每几一两三"
    "对向赴起为跨以由与或和被把除返抵间让给您我你他她它并等其如使受民业性农点出障持及于分外壁垮边着俺咱邻满停老当"
    "住天时次午夜早近知诉告报称问找跟比交接传用意走串么哪啥谁果然竟体位条座整绕沿跳掉坠渔完进店"
    "省市县区镇乡"
)
_NAME = rf"[一-鿿](?<![{_NOT_FIRST}])[一-鿿](?<![{_NOT_LAST}])"
_OF_A_KIND = re.compile(
    rf"((?!中心|实验){_NAME})"
    r"(?:街道|水库|(?:中心|实验)?(?:(?<!中)小学|中学)(?!生)|大桥|(?<=家)[庄寨](?!稼)|(?<![早夜街集门股退开行城])市(?![场民区面里厂价])"
    r"|县(?![道城里医])|(?<![务论牧放园角病景片校郊林专厂误人产射辖])区(?![分域别])"
    r"|(?<![城冰])镇(?![痛静定医上里])|(?<!城)乡(?![下亲村里音])|村(?![民里上委部干支口子医村长])"
    r"|(?:湖(?![北南边里蟹])|江(?![西苏豚边里倒])|河(?![北南豚边里蟹戴]))(?![市县区镇乡村]))"
    r"(?!.{0,4}\(\d+\))"
)
"""The last two characters of a name, before its kind; the river of a 柳河镇 is part of its name. 我们县, 县里,
小区, 菜市场 and 天天去村口 name none, nor does the head of a chat: 下湾村(178). Hospitals and mountains are left out:
people tell where they were treated and climbed."""
_OWN = re.compile(
    rf"(?:(?<![一-鿿])|(?<=[在住到去们咱省市县区镇乡]))({_NAME})(?:村[民里上委部干支]|[镇乡][上里医]|县[城里医])"
)
"""村里 and 县城 are those of whoever speaks, unless all that stands before them is a name."""
_KIND_OF_THE_KNOWN = re.compile(
    r"(?:[^\W族]{1,4}族|维吾尔){0,4}自治[区州县]|特别行政区|[省市州县区](?![一-鿿]{0,8}医院)"
)
"""A hospital is where somebody was treated."""
_WITH_ITS_KIND = re.compile(f"(?:{_NAMED.pattern})(?:{_KIND_OF_THE_KNOWN.pattern})?")
"""A known name is no part of another: 住湛江 is nothing by the river 住湛."""


def places_in(folded: str) -> frozenset[str]:
    """The places that a folded text names, without their kind; of longer names of a kind the last two characters."""
    return frozenset(_NAMED.findall(folded)) | _of_a_kind(folded)


def places_of_a_kind(folded: str) -> frozenset[str]:
    """Those whose kind the text names as well: 武汉市 is the place meant, 武汉 may only be where a doctor works."""
    known = (found for found in _NAMED.finditer(folded) if _KIND_OF_THE_KNOWN.match(folded, found.end()))
    return frozenset(found.group() for found in known) | _of_a_kind(folded)


def _of_a_kind(folded: str) -> frozenset[str]:
    left = _NO_NAME.sub(" ", _WITH_ITS_KIND.sub(" ", folded))
    return frozenset(_OF_A_KIND.findall(left) + _OWN.findall(left))
