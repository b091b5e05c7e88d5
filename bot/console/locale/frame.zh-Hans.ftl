# What every page of the console says. One file a room; Traditional Chinese is made from these by OpenCC.

frame-skip = 跳到正文
frame-rooms = 栏目
frame-sign-out = 退出
frame-back = 回到工作台
frame-save = 保存
frame-cancel = 取消
frame-none = 没有
frame-previous = 上一页
frame-next = 下一页

room-desk = 谣言台
room-articles = 文章
room-reports = 报表
room-people = 人员

trouble-title = 这一步没有做成
trouble-foreign = 请求不是从本站的页面发出的，没有执行。
trouble-large = 发来的内容太大，最多 { $megabytes } MB。没有保存任何东西。
trouble-form = 表单没有收全，没有保存任何东西。请返回上一页再发一次。
trouble-csrf = 这张表单已经过期，没有执行。请重新打开那一页，填好再提交。
trouble-expired = 您已经退出登录，没有保存。请先别离开这一页：在新标签页登录好，再到那边重新填写、提交。
trouble-sign-in = 在新标签页登录
trouble-broken = 出了点问题，没有保存任何东西。请过一会儿再试；再不行请告诉管理员。
trouble-sent = 刚才填写的内容一般不会丢：按浏览器的返回键，还在那一页上。
trouble-written = 您刚才写的文字，可以从这里复制
trouble-back = 回到刚才那一页

refused-notfound = { $reason ->
    [draft] 这条线索还没有辟谣稿。请先点“写辟谣稿”。
    [unpublished] 这篇文章没有发布，不能用来答复。请先发布它，或换一篇已发布的。
    [some] 请勾选要分出去的几条：不能一条也不选，也不能全选。
    [text] 还没有写内容。请写好再提交。
    [person] 没有这个人，或者这个人不管这个地区。请另选一位。
    [source] 没有哪篇在用的文章引用这个来源，不用记。
    [original] 原文已经删除，或者本来就没有隐去内容。
    [revision] 这篇文章没有这一版。
    [inactive] 这个人已经停用。请先重新启用。
    [name] 请给视图起个名字。
    [filters] 筛选条件太长，存不下，没有保存。请把要找的字写短一些。
    [harm] 没有这一级危害。
    [state] 来源只能记为“能打开”或“已失效”。
    [figure] 没有这项数据，请从报表里点数字进来。
   *[other] 没有找到您要的内容，可能刚被删掉或改过。请返回，刷新那一页再看。
  }
refused-notallowed = { $reason ->
    [elsewhere] 您的角色不能做这件事，或者这条线索不归您的地区管。需要的话请管理员调整。
    [region] 这个地区不归您管，不能改成它。
    [kind] 您的角色不能写这类文章。
    [writer] 只有参与写这一稿的人，才能请人会签。
    [sign] 您的角色不能会签。
    [source] 只有编辑能记来源能不能打开。
    [original] 只有管这个地区的辟谣员能看原文。
   *[other] 您的角色不能做这件事。需要的话请管理员调整。
  }
