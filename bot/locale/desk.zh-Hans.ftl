# What the people at the desk read in their own chat.

desk-headline = 📥 { $rumour }｜问起 { $count } 次｜危害：{ $harm ->
    [0] 未评
    [1] 低
    [2] 中
   *[3] 高
}
desk-hot = 热度高，还没有人处理。
desk-assigned = 同事把这条交给您了。
desk-due = 快到答复期限了。
desk-question = 有问题想请教您，请在网页上回答：
desk-question-text = “{ $text }”
desk-review = 草稿写好了，等另一个人会签。
desk-signed = 草稿已经有人会签，可以在网页上发布了。
desk-state = { $status ->
    [open] 待认领
    [claimed] 处理中
    [review] 等会签
    [answered] 已有结论
    [not_a_claim] 不是说法
   *[merged] 已并入别的线索
}｜{ $person ->
    [nobody] 还没有人负责
   *[other] 负责人：{ $person }
}
desk-due-at = 答复期限：{ $moment }
desk-link = 网页：{ $address }

desk-button-claim = 我来处理
desk-button-release = 放回队列
desk-button-canned = 不是说法…
desk-button-harm = 评危害…
desk-button-draft = 看草稿
desk-button-sign = ✍️ 会签：可以发布
desk-button-back = 返回
desk-button-rumour = { $rumour }（{ $count }）{ $text }
desk-button-advert = 像广告
desk-button-chat = 不用查证
desk-button-not_checkable = 查不出真假
desk-button-private = 个人的事
desk-button-elsewhere = 归别的部门
desk-button-harm-1 = 低：可笑、烦人
desk-button-harm-2 = 中：破财、误事
desk-button-harm-3 = 高：要命、丢积蓄

desk-pick-canned =
    { $rumour } 不是可以查证的说法？
    选一种回复，问过的人马上都会收到。
desk-pick-harm =
    { $rumour } 的危害有多大？
    低：可笑、烦人。中：破财，或耽误看病。高：可能要命、丢掉积蓄、挑动对立。

desk-done-claim = ✅ 归您处理了
desk-done-release = ✅ 放回队列了
desk-done-mark = ✅ 已经回复问过的人
desk-done-rate = ✅ 记下了危害
desk-done-sign = ✅ 会签好了

desk-draft-headline = 📝 { $rumour } 的草稿，第 { $revision } 版
desk-draft-own = 您写过这份草稿，请没有写过的同事会签。
desk-draft-signed = 会签的人：{ $people }
desk-draft-none = 这条线索没有等着会签的草稿。

desk-list =
    📋 归您处理的有 { $mine } 条，没人处理的热点有 { $hot } 条
    点一条看详细。写草稿、合并、发布请在网页上做。
desk-list-empty =
    📋 现在没有归您处理的线索
    有热点、有人交给您、快到期限时，我在这里告诉您。

desk-changed = ⚠️ 没有执行：{ $rumour } 刚被 { $by ->
    [nobody] 改过
   *[other] { $by } 改过
}，下面是现在的样子
desk-not-allowed =
    ⛔ 您不能做这一步
    您的角色或地区不允许。有疑问请找管理员。
desk-own-work =
    ⛔ 自己写的不能自己会签
    请没有参与写这一版的同事看。
desk-harm-kept =
    ⛔ 评为“高”的，只有专家能往下调
    请在网页上请教专家。
desk-not-staff =
    🔒 这个功能是给工作人员用的
    工作人员请先在网页后台“我的账号”里取绑定码，再发给我。

desk-linked =
    ✅ 绑定好了，{ $person }
    热点线索、交给您的、快到期限的，我在这里告诉您。发 /desk 看手头的线索，发 /unlink 解除绑定。
    这个聊天里能认领和会签，请给手机设好锁屏密码。
desk-unlinked =
    ✅ 解除绑定了
    工作上的事不再在这里告诉您。
desk-code-wrong =
    ❌ 绑定码不对，或者过期了
    请在网页后台“我的账号”里取一个新的，15 分钟内发来。
desk-code-missing =
    ❓ 请带上绑定码
    像这样发：/link BCDFG-HJKLM。绑定码在网页后台“我的账号”里取。
desk-code-pause =
    ⏳ 输错太多次了
    请过 { $minutes } 分钟再试。
desk-no-push =
    ❌ 这里收不到提醒
    请在 Telegram 上和我的聊天里绑定。
