# Signing in, one's own account, and the administrators' room.

role-editor = 编辑
role-editor-may = 写文章、改文章、发布文章
role-debunker = 辟谣员
role-debunker-may = 处理谣言线索，写辟谣
role-expert = 专家
role-expert-may = 回答辟谣员的问题，会签
role-administrator = 管理员
role-administrator-may = 什么都能做，还管理人员；不分地区

signin-title = 登录
signin-login = 登录名
signin-password = 密码
signin-next = 下一步
signin-lost = 忘了密码，或者换了手机？请管理员给您发一个新链接。
signin-wrong = 登录名或密码不对。请检查大小写后再试。
signin-late = 隔得太久了，请重新输入登录名和密码。
signin-code-title = 输入验证码
signin-code = 手机上的六位验证码
signin-code-hint = 打开手机上的验证器应用，输入现在显示的数字。
signin-wrong-code = 验证码不对，或者已经用过。请等手机上换了新的数字再输入；还不行，请检查手机的时间是否准确。
signin-again = 重新输入密码
signin-new-password = 新密码
signin-password-again = 再输入一遍新密码
signin-password-hint = 至少 { $least } 个字符。几个不相干的词连成一句，最好记也最安全。
signin-different = 两次输入的密码不一样，请重新输入。

invited-title = 设置密码
invited-hello = { $who }，您好。您的登录名是 { $login }，请设置密码。

phone-title = 设置手机验证码
phone-why = 每次登录除了密码，还要输入手机上的六位验证码。这样密码被人知道了，别人也进不来。
phone-install = 在手机上装一个验证器应用（支持 TOTP 的都可以）。
phone-scan = 用它扫这个二维码：
phone-picture = 验证器应用用的二维码，内容和下面的密钥相同
phone-key = 扫不了，就手工输入密钥：
phone-confirm = 把应用里显示的六位数字输入到下面。
phone-done = 完成并登录

account-title = 我的账号
account-password = 修改密码
account-password-old = 现在的密码
account-password-hint = 改好以后，您在其他浏览器上会退出登录。
account-password-wrong = 现在的密码或验证码不对，密码没有改。每个验证码只能用一次，请等手机上换了新的再输入。
account-password-done = 密码改好了，其他浏览器都已退出登录。
account-browsers = 登录着的浏览器
account-since = 登录时间
account-seen = 最近操作
account-until = 到期时间
account-do = 操作
account-this = 就是这个浏览器
account-sign-out-of = 退出 { $since } 登录的浏览器
account-sign-out-others = 退出其他所有浏览器
account-chat = 在 Telegram 上收提醒
account-chat-what = 绑定以后，热点线索、交给您的、等您会签的、快到期限的，机器人会在 Telegram 上告诉您，认领、评危害、回复和会签点一下就行。
account-chat-code = 取绑定码
account-chat-send = 请在 { $minutes } 分钟内，把下面这句话发给机器人。绑定码只显示这一次：
account-chat-linked = 已绑定
account-chat-unlink = 解除绑定
account-keys = 接口密钥
account-keys-what = 程序用密钥以您的身份读写数据，您能做的它都能做。不用的请及时撤销。
account-key-once = 密钥只显示这一次，请现在就复制保存：
account-key-name = 密钥名称
account-key-hint = 写清楚是哪个程序用的。
account-key-made = 创建时间
account-key-used = 最近使用
account-key-make = 新建密钥
account-key-revoke = 撤销
account-key-revoke-of = 撤销密钥“{ $key }”

people-name = 姓名
people-roles = 角色
people-state = 状态
people-active = 在用
people-invited = 还没有设置密码
people-inactive = 已停用
people-add = 添加人员
people-login-hint = 2 到 60 个字符：小写字母、数字、点、短横线、下划线。以后不能改。
people-regions-hint = 在角色后面写地区，几个地区用顿号隔开；不写就是所有地区。
people-regions-of = { $role }的地区
people-everywhere = 所有地区
people-invite = 发新链接
people-invite-what = 忘了密码、丢了手机时用。原来的密码、手机验证码和接口密钥立即作废，所有浏览器退出登录。
people-deactivate = 停用
people-deactivate-what = 立即退出所有浏览器，不能再登录，接口密钥作废。做过的事仍记在本人名下。
people-activate = 重新启用
people-activate-what = 可以用原来的密码和手机验证码登录。

link-title = 给{ $who }的链接
link-what = 链接只显示这一次，{ $hours } 小时内有效，只能用一次。请当面或用可靠的方式发给本人，不要发到群里。
link-back = 回到人员列表

refused-invitationgone = 这个链接已经用过，或者过期了。请管理员再发一个新的。
refused-logintaken = 登录名 { $login } 已经有人用了，请换一个。
refused-lastadministrator = 这是最后一位管理员。请先让另一个人当管理员，再来改。
refused-toomanyattempts = 输错太多次，暂时不能登录。请过 { $minutes } 分钟再试。
refused-weakpassword = { $problem ->
    [short] 密码太短，至少要 10 个字符。
    [long] 密码太长，最多 200 个字符。
    [login] 密码不能和登录名一样。
   *[common] 这个密码太常见，一猜就中，请换一个。
}
refused-invalidperson = { $field ->
    [login] 登录名要有 2 到 60 个字符，只能用小写字母、数字、点、短横线和下划线。
    [name] 姓名要写，最多 60 个字。
    [region] 地区名称最多 40 个字。
    [administrator] 管理员不分地区。
    [token] 密钥名称要写，最多 60 个字。
   *[roles] 请至少选一个角色。
}
