"""The words of the engineers' rooms in both languages: calibration, limits, measures, scales; `words` hands them on."""

from __future__ import annotations

__all__ = ["UPKEEP"]

UPKEEP: dict[str, tuple[str, str]] = {
    "upkeep": ("Upkeep", "维护"),
    "deeds": ("what can be done", "操作"),
    "reason": ("reason", "原因"), "when": ("when", "时间"), "over": ("over", "已结束"), "was": ("was", "原为"),
    # what could not be taken in as it came
    "refused and marked": ("Refused and marked ({n})", "拒收与标记（{n}）"),
    "nothing refused": ("everything came as it should", "数据全部正常"),
    "feed": ("feed", "数据来源"), "what came": ("what came", "内容"), "became": ("and was", "处理"),
    "how many": ("how many", "次数"), "the last of it": ("the last of it", "最近的例子"),
    "was refused": ("refused", "拒收"), "was marked": ("kept and marked", "保留并标记"),
    "came unreadable": ("a message that cannot be read", "无法读取的消息"),
    "came large": ("a message that is too large", "过大的消息"),
    "came unknown": ("a name or topic that is no tag of this feed", "名称或主题不是该来源的测点"),
    "came value": ("a value that is no number", "不是数字的值"),
    "came dropped": ("more than could be taken in", "超出接收能力而丢弃"),
    "came unborn": ("values of a node that has not said what it sends", "节点未发布说明前的数据"),
    "came token": ("a wrong token", "令牌错误"),
    "came time": ("a time that cannot be; when it was received stands for it", "时间不可信，以接收时间代替"),
    "came number": ("a value that is none", "空值"),
    "came range": ("a value outside the instrument's range", "超出量程的值"),
    "came sequence": ("after missing messages of a node", "节点消息缺失之后的数据"),
    "came late": ("late samples", "迟到的样本"),
    # calibration windows
    "calibration": ("Calibration", "标校"),
    "calibration about": (
        "In a calibration window a sensor is given a known gas and nobody is called for it. Its samples are kept "
        "marked as calibration; its neighbours alarm as always; what still stands when the window closes is announced.",
        "标校窗口内向传感器通入已知气样，不就此通告任何人。其数据标记为标校；相邻测点照常报警；窗口结束时仍存在的报警将予通告。",
    ),
    "sensors": ("Sensors", "传感器"), "from, or now": ("From (now unless given)", "自（留空即现在）"),
    "expected": ("expected value", "标准值"), "declare": ("Declare", "登记"),
    "open and declared": ("Open, and declared for later", "进行中与已登记"),
    "calibrations before": ("Before", "以往"), "covers": ("its alarms", "涉及报警"),
    "suppressed now": ("suppressed now", "当前被抑制"), "no calibration": ("None.", "无。"),
    "will cover": ("Will not be announced", "将不通告"), "no rule": ("no alarm is about them", "没有相关报警"),
    "choose sensors": ("Choose at least one sensor.", "请至少选择一个传感器。"),
    "say expected": ("Say which value it is to be.", "请填写数值。"),
    "times wrong": ("It must end after it begins, and later than now.", "结束时间须晚于开始时间和现在。"),
    "too long": ("A window lasts four hours at most; a longer test is two.", "每个窗口最长4小时，更长的标校请分两次。"),
    "still": ("still", "剩余"), "begins in": ("begins in", "距开始"),
    "calibrate": ("Calibrate", "标校"), "calibrated": ("End or call off", "结束或取消"),
    "called off": ("called off", "已取消"),
    "event declared": ("declared", "登记"), "event called off": ("called off", "取消"),
    "calibration window": ("in calibration", "标校窗口"),
    "calibration: samples of quality test": ("in calibration, as its source says", "标校（数据源标记）"),
    "lost: waiting whether others are too": ("waits whether others are lost too", "等待判断是否同时中断"),
    "lost together with": ("lost together with", "同时中断："),
    # limits
    "limits": ("Limits", "限值"), "deadband": ("deadband", "回差"), "where from": ("where from", "依据"),
    "limits about": (
        "Another limit is tried on the last {days} days first, then asked for with a reason, and holds once a second "
        "person has agreed. What was measured before is judged by what held then.",
        "修改限值须先用最近{days}天的数据回测，注明原因后申请，经第二人同意方才生效。此前的数据仍按当时的限值判定。",
    ),
    "second needs accounts": (
        "Here nobody logs in, so that there is no second person: with accounts (--accounts) there is.",
        "当前无需登录，因而没有第二人；以 --accounts 启动后可由他人复核。",
    ),
    "waits for a second person": ("Waits for a second person", "待第二人复核"),
    "no change waits": ("No change waits.", "没有待复核的修改。"), "no limits": ("No such limit.", "没有符合的限值。"),
    "asked value": ("is to be", "拟改为"), "what it would have said": ("back-test", "回测"),
    "back-test told": (
        "over {time} {before} announced as it is, {after} with the change",
        "{time}内：现行通告{before}次，修改后{after}次",
    ),
    "changes before": ("Changes before", "以往修改"), "no change yet": ("None yet.", "尚无。"),
    "the chain": ("the chain", "产业链文件"), "assumed": ("assumed", "假定"), "changed by": ("changed by", "修改人"),
    "instead of row": ("instead of {row}", "替代{row}"),
    "change limit": ("Change…", "修改…"), "limit change": ("Change of the limit", "修改限值"),
    "now holds": ("Now {value} holds.", "现行限值 {value}。"), "new limit": ("new limit", "新限值"),
    "try it": ("Try it on the last {days} days", "用最近{days}天回测"),
    "try first": ("Not tried yet with these numbers.", "尚未用这些数值回测。"),
    "is tried": ("being tried, since", "回测中，已用时"), "ask for it": ("Ask for it", "提交申请"),
    "another runs": ("Another person's runs; wait for it to end.", "他人的任务正在运行，请稍候。"),
    "agree": ("Agree", "同意"), "disagree": ("Refuse", "拒绝"), "event by the chain": ("by the chain", "随产业链文件"),
    # measures
    "measures": ("Measures", "报警绩效"), "measure": ("measure", "指标"), "goal": ("often named goal", "常用目标"),
    "measures about": (
        "How many alarms each desk was told. The goals are those often named, with where they come from; a site sets "
        "its own, and none of this is a certificate.",
        "各席位被通告的报警统计。目标为常用值并注明来源；现场可自定，均不构成认证。",
    ),
    "in the last": ("in the last", "统计时段"),
    "a day": ("a day", "一天"), "a week": ("a week", "一周"), "30 days": ("30 days", "30天"),
    "count rehearsals": ("count rehearsals too", "计入演练"),
    "nothing told": ("No desk was told anything in that time.", "该时段没有任何通告。"),
    "beyond": ("beyond", "超出"), "announced": ("announced", "通告次数"),
    # where goals are from: the key is what the measure says of it
    "EEMUA 191, after the survey of 1998": ("EEMUA 191, after the survey of 1998", "EEMUA 191（依1998年调查）"),
    "EEMUA 191: the edge of a flood": ("EEMUA 191: the edge of a flood", "EEMUA 191：洪泛界限"),
    "EEMUA 191: about 80 / 15 / 5": ("EEMUA 191: about 80 / 15 / 5", "EEMUA 191：约 80 / 15 / 5"),
    "common practice": ("common practice", "通行做法"),
    "measure announced": ("announced", "通告次数"), "measure per_hour": ("an hour, in the mean", "平均每小时"),
    "measure per_ten_minutes": ("in ten minutes, in the mean", "平均每十分钟"),
    "measure most_in_ten_minutes": ("in ten minutes, at most", "十分钟内最多"),
    "measure flood_share": ("time in flood", "洪泛时间占比"), "measure chattering": ("alarms that chatter", "抖动报警"),
    "measure standing": ("standing for over a day", "持续超过一天"),
    "measure top_share": ("share of the ten most frequent", "前十报警占比"),
    "measure by_priority": ("by priority", "按级别"), "measure urgent_share": ("share of urgent ones", "紧急报警占比"),
    "measure acknowledged": ("acknowledged", "确认次数"),
    "measure acknowledged_s": ("time to acknowledge, in the mean", "平均确认用时"),
    "measure suppressed": ("suppressed by design", "按设计抑制"), "measure shelved": ("shelved", "搁置次数"),
    "measure top": ("The most frequent", "最频繁的报警"),
    "announced over time": ("Announcements over time", "通告次数随时间"),
    "at most in a bar": ("{n} at most", "最多 {n}"),
    # scales
    "scales": ("Scales", "皮带秤"),
    "scales about": (
        "Belt scales and levels are held against each other by the chain's own coefficients: which drift, and what "
        "leaks, over the last day against good days before it.",
        "按产业链自身系数将各皮带秤和料位相互校核：最近一天与此前正常日相比，哪个秤漂移，哪里有漏损。",
    ),
    "learn from": ("learn from", "学习时段"), "n days": ("{n} days", "{n}天"),
    "suspect": ("suspect", "可疑对象"), "reads wrong": ("reads too much / lost", "多计 / 漏损"),
    "standard error": ("standard error", "标准误差"), "z": ("standard errors off", "偏离倍数 z"),
    "windows": ("over hours", "小时数"),
    "as well": ("as well explained by", "同样可能"), "leak": ("leak", "漏损"),
    "no suspect": (
        "No scale drifts and nothing leaks, as far as the balances tell.", "据各平衡判断，没有秤漂移，也没有漏损。"
    ),
    "global test": (
        "All balances together: {total} over {freedom} degrees of freedom; good scales would give as much {chance} of "
        "the time.",
        "全部平衡：{total}，自由度{freedom}；秤都正常时出现此值的概率为{chance}。",
    ),
    "not checked": ("Not checked by any balance", "没有平衡可校核"),
    "is checked": (
        "{count} scales are checked; least of them {name} ({share}).",
        "已校核{count}台秤；其中校核最弱的是{name}（{share}）。",
    ),
    "from a drift of": ("told from a drift of {share} on, within {time}", "{time}内可发现{share}以上的漂移"),
    "at no drift": ("told at no drift", "任何漂移都无法发现"),
    # inquiries
    "work out": ("Work out anew", "重新计算"), "is worked out": ("being worked out, since", "计算中，已用时"),
    "found as of": ("as of", "截至"),
    "no chain to ask": ("This server was not told which chain file to ask.", "服务启动时未给出产业链文件，无法计算。"),
}
