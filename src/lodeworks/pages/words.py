"""The words of the pages in both languages; titles of tags, elements and sites come from the live reading.

Nothing else of a page is text: what the browser shows it takes from here too, handed over once with the screen.
"""

from __future__ import annotations

from lodeworks.network.live import Live
from lodeworks.pages.words_upkeep import UPKEEP
from lodeworks.views.numbers import unit_words
from lodeworks.watch.actions import STATE_WORDS

__all__ = ["BOUNDARY", "HTML_LANGUAGE", "LANGUAGES", "Titles", "say", "unit_told", "vocabulary", "who"]

LANGUAGES = ("zh", "en")
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en-US"}

BOUNDARY = (
    "A mine's statutory monitoring system measures, alarms and cuts power by itself. Lodeworks reads a copy, shows, "
    "records and helps; it never cuts power and is never the only alarm.",
    "矿井法定安全监控系统自行监测、报警和断电。"
    "Lodeworks 只读取其副本，用于显示、记录和辅助；它从不断电，也绝不是唯一的报警。",
)

_WORDS: dict[str, tuple[str, str]] = {
    "boundary": BOUNDARY,
    # where one can go
    "wall": ("Wall", "大屏"),
    "alarms": ("Alarms", "报警"),
    "journal": ("Journal", "记录"),
    "trends": ("Trends", "趋势"),
    "incident": ("Incident", "应急"),
    "past": ("Time machine", "回放"),
    "map": ("Map", "示意图"),
    "exit": ("way out", "出口"),
    "refuge": ("refuge", "避难"),
    "forbidden": ("no entry", "禁入"),
    "m": ("m", "米"), "km": ("km", "公里"),
    "north": ("N", "北"),
    "schematic": ("Schematic; no boundaries are shown", "示意图，不表示任何界线"),
    "outline": ("Schematic over the outline given", "示意图，底图由用户提供"),
    "review number": ("review number", "审图号"),
    "internal use": ("for internal use only", "仅限内部使用"),
    "no sites": ("This chain has no sites to draw.", "本链没有可绘制的场所。"),
    "by metres": ("Placed by the metres of the ways, not by direction", "按巷道米数布置，不表示方位"),
    "command": ("Command", "指挥"),
    "actions": ("Actions", "任务"),
    "claims": ("Scorecard", "核对"),
    "no claims": ("No claims stand beside this chain.", "本产业链没有待核对的说法。"),
    "claim": ("What is said", "说法"), "printed": ("printed", "报道值"), "recomputed": ("recomputed", "复算值"),
    "verdict": ("verdict", "结论"),
    "holds": ("holds", "成立"), "fails": ("fails", "不成立"),
    "needs assumption": ("needs an assumption", "需补充假设"),
    "health": ("System", "系统"),
    "accounts": ("Accounts", "账户"),
    "overview": ("Overview", "总览"),
    "people": ("People", "人员"),
    "cameras": ("Cameras", "视频"),
    "elsewhere": ("Elsewhere", "其他"),
    "skip": ("Skip to content", "跳到内容"),
    "language": ("中文", "English"),
    "pages": ("Pages", "页面"),
    "screens": ("Screens", "画面"),
    # quality of a sample, in the order of the record
    "good": ("good", "正常"),
    "uncertain": ("uncertain", "可疑"),
    "bad": ("bad", "坏值"),
    "test": ("calibration", "标校"),
    "simulated": ("simulated", "模拟"),
    "substituted": ("substituted", "人工置数"),
    # what a tile may say of its value
    "no picture": ("no picture", "无画面"),
    "picture stopped": ("picture stopped", "画面中断自"),
    "drawn": ("drawn by the rehearsal", "演练所绘"),
    "no data": ("no data yet", "尚无数据"),
    "lost since": ("lost since", "中断自"),
    "frozen since": ("frozen since", "冻结自"),
    "bad since": ("bad since", "坏值自"),
    "late by": ("source is behind by", "数据滞后"),
    "ahead by": ("source clock ahead by", "时钟超前"),
    "ago": ("ago", "前"),
    "s": ("s", "秒"),
    "min": ("min", "分"),
    "h": ("h", "时"),
    "d": ("d", "天"),
    "limit": ("limit", "限值"),
    "source": ("source", "来源"),
    "value": ("value", "数值"),
    "quality": ("quality", "质量"),
    "tag": ("measuring point", "测点"),
    "time": ("time", "时间"),
    # alarms
    "priority 1": ("urgent", "紧急"),
    "priority 2": ("high", "高"),
    "priority 3": ("medium", "中"),
    "priority 4": ("low", "低"),
    "normal": ("normal", "正常"),
    "active, not announced": ("active, not announced", "未通告"),
    "active, unacknowledged": ("not acknowledged", "未确认"),
    "active, acknowledged": ("acknowledged", "已确认"),
    "returned, unacknowledged": ("over, not acknowledged", "已恢复未确认"),
    "latched, unacknowledged": ("over, not acknowledged, latched", "已恢复未确认，锁存"),
    "latched, acknowledged": ("over, waits for reset", "已恢复待复位"),
    "open": ("Open", STATE_WORDS["open"]),
    "priority": ("priority", "级别"),
    "alarm": ("alarm", "报警"),
    "state": ("state", "状态"),
    "per hour": ("money an hour", "每小时损失"),
    "lasts": ("time left", "剩余时间"),
    "order": ("Order", "排序"),
    "order priority": ("by priority", "按级别"), "order cost": ("by money an hour", "按每小时损失"),
    "order since": ("newest first", "按时间（新→旧）"), "order due": ("by time to respond", "按处置剩余"),
    "order left": ("by time left", "按剩余时间"),
    "follows from": ("follows from", "源于"),
    "what to do": ("what to do", "处置措施"),
    "until": ("until", "至"),
    "cause": ("cause", "原因"),
    "life safety": ("life safety", "生命安全"),
    "and more": ("{n} more", "另有{n}条"),
    "close": ("Close", "关闭"),
    "say why": ("Say why", "请说明原因"),
    "now": ("now", "现在"),
    "shelved": ("shelved", "搁置"),
    "suppressed": ("suppressed by design", "按设计抑制"),
    "out of service": ("out of service", "停用"),
    "no tiles": ("This chain measures nothing; its work is under Actions.", "本链没有测点；工作见“任务”。"),
    "no alarms": ("No alarms", "无报警"),
    "none found": ("Nothing here has these words.", "没有符合筛选的条目。"),
    "nothing written": ("Nothing has been written yet.", "尚无记录。"),
    "more": ("more", "条未列"),
    "since": ("since", "自"),
    "respond in": ("respond within", "处置剩余"),
    "overdue": ("overdue by", "处置超时"),
    "first out": ("first", "首发"),
    "unacknowledged": ("not acknowledged", "未确认"),
    "live": ("live", "在线"),
    "grey": ("lost or frozen", "中断或冻结"),
    "flood": ("Alarm flood: the urgent first, the rest by cause", "报警洪泛：紧急优先，其余按原因归并"),
    "first tie": ("may be first; clocks cannot tell", "可能首发，时钟无法判定"),
    # what a person does
    "acknowledge": ("Acknowledge", "确认"),
    "shelve": ("Shelve", "搁置"),
    "unshelve": ("End shelving", "取消搁置"),
    "silence": ("Silence", "消音"),
    "reset": ("Reset", "复位"),
    "note": ("Add a note", "记一笔"),
    "remark": ("note", "备注"),
    "hours": ("For how many hours", "时长（小时）"),
    "confirm": ("Do it", "执行"),
    "cancel": ("Cancel", "取消"),
    "done": ("done", STATE_WORDS["done"]),
    "refused": ("refused", "被拒绝"),
    "wish unheard": ("the server has not confirmed this yet", "服务器尚未确认收到"),
    "wish waits": ("put down; the recorder has not answered yet", "已登记，记录程序尚未答复"),
    "wish lost": (
        "NOT DONE: the line to the server broke before it heard this. Ask again if it is still wanted.",
        "未执行：服务器收到之前连接已中断。如仍需要，请重新操作。",
    ),
    "no answer": ("the recorder does not answer: is it running?", "记录程序无答复：是否在运行？"),
    "not yours to do": ("your role may not do this", "您的角色无此权限"),
    "keys": ("Keys", "快捷键"),
    "filter": ("Filter", "筛选"),
    "sound": ("Sound on or off", "声音开关"),
    "sound on": ("Sound: on", "声音：开"),
    "sound off": ("Sound: off", "声音：关"),
    "dispatch": ("Dispatch", "调度"),
    "no voice": ("Tones only: this browser has no voice for English.", "仅有提示音：此浏览器没有中文语音。"),
    "tones only": ("Sound: on, tones only", "声音：开（仅提示音）"),
    "sound asks": ("Sound is off: press to allow it", "声音未启用：点按以允许"),
    "sound waits": ("Nothing can be heard yet: click or press a key.", "尚无声音：请点击页面或按任意键。"),
    "next": ("next row", "下一行"),
    "previous": ("row before", "上一行"),
    "help": ("This help", "本帮助"),
    # the state of the system, on every screen
    "connection lost": ("Connection to the server lost; values are old. Since", "与服务器的连接中断，所示为旧值。自"),
    "recorder silent": ("The recorder is not running; nothing new arrives. Since", "记录程序未运行，无新数据。自"),
    "simulated banner": ("SIMULATED: a rehearsal, not the plant", "模拟：演练数据，并非现场"),
    "rehearsal waits": ("the rehearsal is being made ready; its clock waits", "演练准备中，时钟等待"),
    "rehearsal clock": ("rehearsal clock, {speed}×", "演练时钟，{speed}×"),
    "past banner": ("PAST: as the desk knew it at", "回放：值班台当时所见"),
    # rounds
    "rounds": ("Rounds", "巡检"),
    "no rounds": ("No inspection rounds are watched here.", "本链没有巡检。"),
    "values along the way": ("values along the way", "个沿线测值"),
    "last hour": ("last hour", "最近一小时"),
    "hours before": ("seven hours before", "此前七小时"),
    "no coverage": ("no coverage", "无信号"),
    "place": ("place", "位置"),
    "highest by place": ("highest by place", "各位置最高值"),
    # emergencies
    "incident_open": ("Open an incident", "启动应急"),
    "incident_step": ("Step done", "步骤完成"),
    "incident_undo": ("Not done", "撤销完成"),
    "incident_part": ("Who has the part", "指定人员"),
    "incident_block": ("Block", "封闭"),
    "incident_unblock": ("Open again", "恢复通行"),
    "incident_call": ("Called", "已通知"),
    "incident_note": ("Write down", "记录情况"),
    "incident_close": ("Close the incident", "结束应急"),
    "no incident": ("No incident is open.", "当前无应急事件。"),
    "incidents before": ("Incidents before", "以往应急事件"),
    "drill": ("DRILL", "演习"),
    "person": ("who", "人员"),
    "opened": ("opened", "启动于"),
    "steps": ("Steps", "处置步骤"),
    "step done": ("Done", "完成"),
    "too late": ("late", "超时"),
    "until empty": ("until empty", "直至撤空"),
    "roles": ("Who has which part", "职责分工"),
    "nobody yet": ("nobody yet", "未指定"),
    "still inside": ("still inside", "仍在井下"),
    "way out": ("way out", "撤离路线"),
    "to refuge": ("to the refuge", "至避难硐室"),
    "through gas": ("through gas", "经瓦斯区"),
    "in gas": ("in gas", "瓦斯超限"),
    "no way": ("no way is free", "无可用路线"),
    "contacts": ("Whom to call", "通知对象"),
    "roadways": ("Roadways", "巷道"),
    "report": ("Report", "报告"),
    "event opened": ("opened", "启动"),
    "event part": ("part given", "指定人员"),
    "event step": ("step done", "步骤完成"),
    "event step undone": ("step not done", "撤销完成"),
    "event count": ("people counted", "人数"),
    "event blocked": ("blocked", "封闭"),
    "event unblocked": ("open again", "恢复通行"),
    "event called": ("called", "已通知"),
    "event closed": ("closed", "结束"),
    # actions
    "action_state": ("Set the state", "更新状态"),
    "action_evidence": ("Give evidence", "提交佐证"),
    "under way": ("under way", STATE_WORDS["under way"]),
    "blocked": ("blocked", STATE_WORDS["blocked"]),
    "dropped": ("dropped", STATE_WORDS["dropped"]),
    "evidence": ("Evidence", "佐证"),
    "the next round": ("the next round", "下一轮巡检"),
    "set state": ("set …", "更新…"),
    "is late": ("late", "逾期"),
    "late or blocked": ("Late or blocked", "逾期或受阻"),
    "owed this week": ("Owed within a week", "一周内到期"),
    "nothing owed": ("Nothing is owed within a week.", "一周内无到期事项。"),
    "adds up": ("Totals add up at every level.", "各级合计一致。"),
    "does not add up": ("Totals do not add up", "合计不一致"),
    "event state": ("state", "状态更新"),
    "event made": ("made", "新建"),
    "event evidence": ("evidence", "佐证"),
    "event owner": ("owner", "责任人"),
    "event due": ("due", "期限"),
    # the system itself
    "own": ("Lodeworks itself", "本系统"),
    "recorder": ("Recorder", "记录程序"),
    "alive": ("alive {age} ago", "{age}前有心跳"),
    "never alive": ("not seen yet", "尚未运行"),
    "history size": ("History on disk", "历史数据占用"),
    "journal rows": ("Rows of the journal", "记录行数"),
    "open deeds": ("Deeds that wait", "待执行操作"),
    "watching": ("Screens that listen", "在线画面"),
    # accounts
    "no accounts asked": (
        "On localhost nobody logs in, so there are no accounts here.", "本机访问无需登录，因此没有账户。"
    ),
    "role": ("role", "角色"),
    "role viewer": ("viewer", "查看"),
    "role dispatcher": ("dispatcher", "调度员"),
    "role engineer": ("engineer", "工程师"),
    "role admin": ("admin", "管理员"),
    "name": ("name", "用户名"),
    "new password": ("new password", "新密码"),
    "set": ("Set", "设置"),
    "add": ("Add", "添加"),
    "disable": ("Disable", "停用"),
    "enable": ("Enable", "启用"),
    "disabled": ("disabled", "已停用"),
    "wall tokens": ("Walls that need no login", "免登录大屏"),
    "which screen": ("which screen it is for", "用于哪块屏"),
    "make token": ("Make a token", "生成令牌"),
    "withdraw": ("Withdraw", "撤销"),
    "token once": (
        "Open this address once on that screen. It is not shown again.", "请在该屏幕上打开一次此地址。此后不再显示。"
    ),
    "weak password": (
        "Too weak: at least ten characters, five of them different, without the name.",
        "密码太弱：至少十个字符，其中五个不同，且不含用户名。",
    ),
    "no name": ("That is no name.", "用户名无效。"),
    "no role": ("There is no such role.", "角色无效。"),
    "no account": ("There is no such account.", "账户不存在。"),
    "name taken": ("There is such an account already.", "账户已存在。"),
    "last admin": ("The last admin stays.", "须保留最后一位管理员。"),
    "wall token": ("wall token made", "生成大屏令牌"),
    "wall token withdrawn": ("wall token withdrawn", "撤销大屏令牌"),
    "log out": ("Log out", "退出"),
    # who comes and goes, as the journal tells it
    "login": ("login", "登录"),
    "login refused": ("login refused", "登录被拒"),
    "logout": ("logout", "退出"),
    "first admin": ("first admin", "首位管理员"),
    "first admin refused": ("first admin refused", "首位管理员被拒"),
    "wall token refused": ("wall token refused", "大屏令牌被拒"),
    # the journal
    "number": ("no.", "序号"),
    "subject": ("about", "对象"),
    "event": ("what happened", "事件"),
    "kind": ("kind", "类别"),
    "user": ("who", "人员"),
    "older": ("Older", "更早"),
    "download": ("As a workbook", "导出工作簿"),
    "verify": ("Check every row", "校验全部"),
    "whole": ("All {n} rows are as they were written.", "全部 {n} 行与写入时一致。"),
    "not whole": ("{n} faults:", "发现 {n} 处异常："),
    "event alarm": ("another alarm", "又有报警"),
    "kind alarm": ("alarm", "报警"),
    "kind flood": ("flood", "报警洪泛"),
    "kind limit": ("limit", "限值"),
    "kind note": ("note", "备注"),
    "kind calibration": ("calibration", "标校"),
    "kind incident": ("incident", "应急"),
    "kind action": ("action", "任务"),
    "event began": ("began", "开始"),
    "event ended": ("ended", "结束"),
    "event corrected": ("corrected by a late sample", "迟到数据更正"),
    "event void": ("never was, by a late sample", "迟到数据表明未发生"),
    "event announced": ("announced", "通告"),
    "event acknowledged": ("acknowledged", "确认"),
    "event silenced": ("silenced", "消音"),
    "event shelved": ("shelved", "搁置"),
    "event unshelved": ("shelving ended", "搁置结束"),
    "event suppressed": ("suppressed by design", "按设计抑制"),
    "event unsuppressed": ("no longer suppressed", "解除抑制"),
    "event cause gone": ("cause of suppression gone", "抑制原因消失"),
    "event out of service": ("taken out of service", "停用"),
    "event in service": ("in service again", "恢复使用"),
    "event reset": ("reset", "复位"),
    "event noted": ("noted", "记录"),
    "event damaged": ("damage mended", "文件损坏已处理"),
    "event asked": ("asked for", "申请"),
    "event changed": ("changed", "变更"),
    "event refused": ("refused", "拒绝"),
    # against plan
    "no plan": (
        "Nothing to hold the present against: start with a plan (--plan RUN).",
        "没有可对比的计划：请以 --plan RUN 启动。",
    ),
    "against plan": ("Today against plan", "今日对比计划"),
    "cost today": ("Off plan, today", "今日偏离计划"),
    "cost hour": ("Off plan, this hour", "本小时偏离计划"),
    "cost now": ("Off plan, now", "当前偏离计划"),
    "this hour": ("this hour", "本小时"),
    "commodities beside": ("What is made and brought, by commodity", "各物料产出与购入对比计划"),
    "commodity": ("commodity", "物料"), "today": ("today", "今日"), "burns": ("burns", "耗用"),
    "stocks beside": ("Stocks beside the plan", "库存对比计划"),
    "capacities beside": ("Capacities beside the plan", "能力对比计划"),
    "others beside": ("Others", "其余"),
    "element": ("element", "单元"),
    "planned": ("planned", "计划"),
    "present": ("now there", "实际"),
    "deviation": ("difference", "差值"),
    "not known": ("Not known now", "当前未知"),
    "what it began with": ("Alarms by what they began with", "按根源归并的报警"),
    "followed by": ("followed by", "随后引发"),
    "suspected": ("suspected", "疑似"),
    "time left": ("How long stocks last", "库存可用时间"),
    "look ahead": ("Look ahead", "前瞻"),
    "what now": ("What should we do now?", "现在怎么办？"),
    "as of": ("as of", "起算"),
    "no look ahead": ("There is nothing to look ahead with here.", "此处无法前瞻。"),
    "at the place": ("Picture and passes of the place", "现场画面与历次巡检"),
    "no pass": ("No pass of the last three days measured anything there.", "近三天巡检在此处无测值。"),
    "kept by the plan": ("the plan itself keeps it there", "计划本身即如此保持"),
    "empty by the plan": ("the plan itself keeps it empty then", "计划本身此时即为空"),
    "runs out nowhere": ("Nothing runs out in any of the runs.", "各次推演均无耗尽。"),
    "nothing changes": ("The plan made anew changes nothing.", "重新计划无变化。"),
    "plan mark": ("plan", "计划"), "plan has none": ("The plan has nothing for this now.", "此刻计划未作安排。"),
    "in the plan": ("in the plan", "原计划"),
    "made anew": ("made anew", "重新计划"),
    "store": ("store", "储存"),
    "chance": ("runs out in", "耗尽概率"),
    "earliest": ("1 in 20 before", "最早（5%）"),
    "likely": ("half before", "一半之前"),
    "failed": ("failed", "失败"),
    "killed": ("killed", "被终止"),
    "late": ("took too long", "超时"),
    "stopped": ("stopped", "已停止"),
    "missing": ("left no result", "无结果"),
    "what flow": ("flow", "流量"),
    "what level": ("at the end", "期末存量"),
    "what unserved": ("not served", "未满足"),
    # the past
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "speed": ("Speed", "倍速"),
    "moment": ("Moment", "时刻"),
    "back": ("back", "后退"),
    "on": ("on", "前进"),
    # series
    "data": ("Data table", "数据表"),
    "heat": ("Day × hour", "日×时"),
    "line": ("Line", "曲线"),
    "hour": ("hour", "小时"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月"),
    "year": ("year", "年"),
    "highest": ("highest", "最高"),
    "shown of": ("{shown} of {raw} points shown; extremes kept", "显示 {raw} 点中的 {shown} 点，极值保留"),
    "all shown": ("all {raw} points shown", "共 {raw} 点，全部显示"),
    "flows of the hour": ("Flows of this hour", "该小时流向"),
    "flows measured": ("What was measured to flow", "实测流向"),
    "no flows": ("No flows were measured in this hour.", "该小时没有实测流量。"),
    "not known then": ("Not known in this hour", "该小时未知"),
    "hour not over": ("This hour is not over, or its flows cannot be had.", "该小时尚未结束，或无法取得其流向。"),
    "choose tags": ("Choose a measuring point above, if this chain has any.", "请在上方选择测点（若本链有测点）。"),
    "nothing there": ("Nothing recorded in this time", "此时段无记录"),
}

_VOCABULARY = _WORDS | UPKEEP


def say(key: str, language: str) -> str:
    """Return a word of the pages; the key itself, without its kind, where it is not one of theirs."""
    pair = _VOCABULARY.get(key)
    return key.removeprefix("event ").removeprefix("kind ") if pair is None else pair[language == "zh"]


def vocabulary(language: str) -> dict[str, str]:
    """Return every word in one language, as the browser is given it."""
    return {key: pair[language == "zh"] for key, pair in _VOCABULARY.items()}


_NOBODY = {"local": "本机", "rehearsal": "演练", "lodeworks": "系统"}
"""What is done by nobody of a name: where nobody logs in, by a rehearsal, by the system itself."""


def who(name: str, language: str) -> str:
    """Return who did something, as it is shown; people are called as they log in."""
    return _NOBODY.get(name, name) if language == "zh" else name


def unit_told(unit: str, language: str) -> str:
    """Return a unit as it is shown: in the words of the language, degrees with their sign."""
    told = unit_words(unit, language).replace("degC", "°C")
    return "people" if told == "person" else told


class Titles:
    """What the things of one live reading are called in one language; what has no title keeps its name."""

    def __init__(self, live: Live, language: str) -> None:
        self.language = language
        self._known = {"lodeworks": say("own", language), "dispatch": say("dispatch", language)}
        self._known["the next round"] = say("the next round", language)
        self._known |= {name: self.pick(en, zh) or name for name, en, zh in live.titles}
        for kind in (live.limits, live.sites, live.routes, live.roadways, live.zones, live.feeds, live.tags, live.rules,
                     live.cameras):
            for thing in kind:
                self._known[thing.name] = self.pick(thing.title_en, thing.title_zh) or thing.name

    def of(self, name: str) -> str:
        """Return the title of a tag, rule, site, zone, feed, element or commodity."""
        return self._known.get(name, name)

    def of_alarm(self, alarm: str) -> str:
        """Return the title of an alarm (``rule:level``): its rule's, with the level."""
        rule, _, level = alarm.partition(":")
        return f"{self.of(rule)} {level}".strip()

    def pick(self, en: str, zh: str) -> str:
        """Return the text in this language, the other where there is none."""
        return (zh or en) if self.language == "zh" else (en or zh)
