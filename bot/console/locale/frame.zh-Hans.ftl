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
trouble-role = 您的角色不能做这件事。需要的话请管理员调整。
trouble-csrf = 这张表单已经过期，没有执行。请重新打开那一页，填好再提交。
trouble-expired = 您已经退出登录，没有保存。请重新登录，打开那一页，填好再提交。
trouble-broken = 出了点问题，没有保存任何东西。请过一会儿再试；再不行请告诉管理员。
trouble-sent = 刚才填写的内容一般不会丢：按浏览器的返回键，还在那一页上。
trouble-written = 您刚才写的文字，可以从这里复制
trouble-back = 回到刚才那一页
