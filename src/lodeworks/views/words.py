"""The words of the views in both languages, and the titles of a run's own elements.

A view asks here for every word it shows. Titles come from the run's tables; a thing without a title keeps its
name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from lodeworks.views.numbers import Scale, counted, money, money_scale, quantity, scale_of
from lodeworks.views.results import Results, optional_table

__all__ = ["LANGUAGES", "Words", "say"]

LANGUAGES = ("zh", "en")

_STATIONS = ("waiting", "to refuel", "to service", "laden", "at unloading", "empty")  # where vehicles are
_VOCABULARY: dict[str, tuple[str, str]] = {
    # kinds of element
    "process": ("process", "工序"),
    "supply": ("supply", "供给"),
    "demand": ("demand", "需求"),
    "route": ("route", "运输线"),
    "store": ("store", "储存"),
    "fleet": ("fleet", "车队"),
    "pool": ("pool", "资源池"),
    "policy": ("policy", "政策约束"),
    "let_go": ("let go", "放散"),
    "unserved": ("not served", "未满足"),
    "balance": ("balance", "平衡"),
    "commodity": ("commodity", "物料"),
    "capacity": ("capacity", "产能"),
    # items of money
    "revenue": ("Revenue", "销售收入"),
    "purchase": ("Purchases", "采购"),
    "operating": ("Operation", "运行成本"),
    "freight": ("Freight", "运费"),
    "tax": ("Tax", "税费"),
    "storage": ("Storage", "仓储"),
    "fixed": ("Fixed costs", "固定成本"),
    "investment": ("Investment (yearly share)", "投资（年化）"),
    "building": ("Investment", "建设投资"),
    "salvage": ("Left at the end", "期末残值"),
    "renewal": ("Renewal", "续建"),
    "start": ("Starts", "启动"),
    "stop": ("Stops", "停机"),
    "on": ("Being on", "空载"),
    "penalty": ("Penalties", "罚金"),
    "interest": ("Interest", "利息"),
    "profit_tax": ("Tax on profit", "所得税"),
    "inside sales": ("Sales inside the chain", "链内销售"),
    "inside purchases": ("Purchases inside the chain", "链内采购"),
    "in store": ("Worth of what is in store at the end", "期末库存价值"),
    "on the way": ("Worth of what is on its way at the end", "期末在途价值"),
    "stock": ("Change in stocks", "存货变动"),
    "cash": ("Cash", "现金"),
    # firms' statements
    "balance sheet": ("Balance sheet", "资产负债表"),
    "cash flow": ("Cash flow", "现金流量表"),
    "items": ("Items", "明细"),
    "result": ("Result", "结果"),
    "total": ("Sum", "合计"),
    "investing": ("Investment", "投资"),
    "written off": ("Written off (depreciation)", "折旧"),
    "paid for plant": ("Paid for plant", "购建支付"),
    "paid for plant anew": ("Paid for plant anew", "续建支付"),
    "ebitda": ("Before depreciation, interest, tax (EBITDA)", "息税折旧前利润"),
    "before tax": ("Before tax", "税前利润"),
    "net profit": ("Net profit", "净利润"),
    "from operation": ("From operation", "经营活动净额"),
    "from investment": ("From investment", "投资活动净额"),
    "from financing": ("From financing", "筹资活动净额"),
    "all assets": ("Assets together", "资产总计"),
    "all claims": ("Liabilities and equity together", "负债和权益总计"),
    "operation": ("Operation", "经营"),
    "financing": ("Financing", "筹资"),
    "assets": ("Assets", "资产"),
    "liabilities": ("Liabilities", "负债"),
    "equity": ("Equity", "权益"),
    "drawn": ("Loans drawn", "提款"),
    "repaid": ("Loans repaid", "还款"),
    "dividends paid": ("Dividends paid", "支付股利"),
    "dividends received": ("Dividends received", "收到股利"),
    "change in cash": ("Change in cash", "现金净增"),
    "receivables": ("Receivables", "应收款"),
    "stocks": ("Stocks", "存货"),
    "plant built": ("Plant built", "新建资产"),
    "payables": ("Payables", "应付款"),
    "building not yet paid": ("Building not yet paid", "应付工程款"),
    "loans": ("Loans", "贷款"),
    "tax on profit": ("Tax on profit", "所得税计算"),
    "profit before tax": ("Profit before tax, year by year", "各年税前利润"),
    "losses used": ("Losses of earlier years taken off", "弥补以前年度亏损"),
    "taxable": ("Taxable profit", "应纳税所得额"),
    "interest payable": ("Interest not yet paid", "应付利息"),
    "opening equity": ("Equity at the start", "期初权益"),
    "profits kept": ("Profits kept", "留存利润"),
    "profit": ("Profit", "利润"),
    "cost": ("Cost", "成本"),
    "output": ("Output", "产量"),
    "emissions": ("Emissions", "排放量"),
    "loss": ("Loss", "亏损"),
    # verdicts
    "holds": ("holds", "成立"),
    "fails": ("fails", "不成立"),
    "needs assumption": ("needs an assumption", "需要补充假设"),
    # status
    "optimal": ("optimal", "最优"),
    "within gap": ("as good as asked for", "达到所要求的精度"),
    "not proved best": ("keeps the law on losses, not proved best", "符合亏损弥补规定，未证明最优"),
    "feasible": ("feasible", "可行"),
    "days": ("typical days", "典型日"),
    "segments": ("merged steps", "合并时段"),
    "solution": ("by the solution given, not proved best", "采用给定的解，未证明最优"),
    "windows": ("decided window by window", "按窗口逐段决定"),
    "time limit": ("best found within the time limit", "时限内最优"),
    # what happens in a simulation
    "working": ("working", "工作"),
    "setup": ("set-up", "换型"),
    "starved": ("starved", "缺料"),
    "blocked": ("blocked", "阻塞"),
    "down": ("down", "故障"),
    "off shift": ("off shift", "班外"),
    "no vehicle": ("no vehicle", "等车"),
    "no pool": ("no pool unit", "等人手"),
    "on plan": ("ahead of plan", "按计划等待"),
    "no crew": ("waits for repair", "等维修"),
    "level": ("stock", "存量"),
    "lots": ("lots", "批数"),
    "in": ("comes in", "流入"),
    "out": ("goes out", "流出"),
    "wait": ("wait", "等待"),
    "wait by Little": ("wait by Little’s law", "等待（利特尔法则）"),
    "reneged": ("gives up", "离队"),
    "turned away": ("turned away", "被拒"),
    "let go": ("let go", "放散"),
    "started": ("started", "开工"),
    "rate": ("rate", "速率"),
    "under way": ("under way", "在办"),
    "in use": ("in use", "占用"),
    "Markov chain": ("Markov chain", "马尔可夫链"),
    "mean-value analysis": ("mean-value analysis", "均值分析"),
    "load": ("loading", "装车"),
    "drive": ("laden way", "重车"),
    "unload": ("unloading", "卸车"),
    "return": ("way back", "返回"),
    "refuel": ("refuelling", "加注"),
    "service": ("service", "保养"),
    "waiting": ("waiting", "待命"),
    "to refuel": ("to refuel", "待加注"),
    "to service": ("to service", "待保养"),
    "laden": ("laden", "重车途中"),
    "at unloading": ("at unloading", "待卸"),
    "empty": ("empty", "空车"),
    "finished": ("finished", "已完成"),
    "interrupted": ("stopped early", "提前停止"),
    # how a simulation was meant
    "work": ("work", "工作方式"),
    "work-conserving": ("work-conserving", "有活就干"),
    "follows a plan": ("follows a plan", "按计划执行"),
    "simultaneous events": ("simultaneous events", "同时事件次序"),
    "shifts, failures, ends of runs, arrivals, patience, timers": (
        "shifts, failures, ends of runs, arrivals, patience, timers", "班次、故障、作业完成、到达、耐心、计时"),
    "batch": ("batch", "批量"),
    "full": ("full", "满批"),
    "blocking": ("blocking", "阻塞"),
    "after service": ("after service", "加工后"),
    "before service": ("before service", "加工前"),
    "shift end": ("shift end", "班末规则"),
    "suspend": ("suspend and resume", "暂停后续做"),
    "finish": ("finish", "做完再走"),
    "restart": ("restart", "重新开始"),
    "stopped run": ("stopped run", "中断后"),
    "resume": ("resumes", "续做"),
    "repeat": ("begins again", "重做"),
    "served first": ("served first", "服务次序"),
    "pre-emption": ("pre-emption", "抢占"),
    "pools": ("pools", "占用人手"),
    "seized together": ("seized together", "同时占用"),
    "seized in order": ("seized in order", "依次占用"),
    "used by rates": ("used by rates", "按流量占用"),
    "a pass for each batch, by priority, one ahead": (
        "a pass for each batch, by priority, one ahead", "每批一张放行单，按优先级，最多预备一张"),
    "which mode": ("which mode", "工况选择"),
    "first by priority": ("first by priority", "按优先级"),
    "shortest queue": ("shortest queue", "最短队列"),
    "set-up": ("set-up", "换型"),
    "by pair of modes": ("by pair of modes", "按工况对"),
    "between modes": ("between modes", "工况之间"),
    "none": ("none", "无"),
    "failure clock": ("failure clock", "故障时钟"),
    "calendar": ("calendar time", "日历时间"),
    "failure interval": ("failure interval", "故障间隔"),
    "repair end to failure": ("repair end to failure", "修复至下次故障"),
    "start to start": ("start to start", "故障开始至下次开始"),
    "loaded while down": ("loaded while down", "停机可装"),
    "unloaded while down": ("unloaded while down", "停机可卸"),
    "repair crew": ("repair crew", "维修班"),
    "none needed": ("none needed", "不需要"),
    "which lot first": ("which lot first", "取用次序"),
    "first in": ("first in", "先进先出"),
    "last in": ("last in", "后进先出"),
    "earliest due date": ("earliest due date", "交期最早"),
    "priority of the lot": ("priority of the lot", "按批次优先级"),
    "reneging": ("reneging", "离队"),
    "balking": ("balking", "望而却步"),
    "only where there is no room": ("only where there is no room", "仅在无空位时"),
    "expiry": ("expiry", "过期"),
    "refuelling": ("refuelling", "加注规则"),
    "when the tank would not last the longest trip": (
        "when the tank would not last the longest trip", "余量不足最长一趟时"),
    "fuel is drawn when a trip begins": ("fuel is drawn when a trip begins", "出车时扣除"),
    # how scenarios end
    "infeasible": ("no plan possible", "无可行方案"),
    "unbounded": ("earns without limit", "收益无界"),
    "no answer": ("no answer", "未得到结果"),
    "out of memory": ("out of memory", "内存不足"),
    "died": ("its process was ended", "进程被终止"),
    "fault": ("a fault of Lodeworks", "程序故障"),
    "not run": ("not run yet", "尚未计算"),
    # fronts and ranges
    "end": ("end", "端点"),
    "between": ("between", "中间"),
    "knee": ("knee", "拐点"),
    "built": ("built", "新建"),
    "amount": ("amount", "数量"),
    "always some": ("in every good plan", "每个好方案都有"),
    "never": ("in no good plan", "好方案都没有"),
    "settled": ("settled", "已确定"),
    "a choice": ("a choice", "可以选择"),
    "running": ("running", "计算中"),
    # small words
    "assumed": ("assumed", "假设"),
    "other": ("Other", "其他"),
    "whole chain": ("whole chain", "全链"),
    "no owner": ("No owner given", "未注明企业"),
    "rest of the chain": ("rest of the chain", "链上其他"),
    "traded inside": ("Traded inside the chain", "链内交易"),
    "year": ("year", "一年"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "unlimited": ("no limit", "不限"),
    "hours": ("hours", "小时"),
    "returned": ("from the chain", "链内回用"),
    "used": ("to earlier stages", "供前序工序"),
    "month": ("Month", "月份"),
    "hour of day": ("Hour of day", "小时"),
    "nothing": ("Nothing to show in this run", "本次结果无此内容"),
}


def say(key: str, language: str) -> str:
    """Return a word of the views; the key itself where it is not one of theirs."""
    pair = _VOCABULARY.get(key)
    return key if pair is None else pair[language == "zh"]


class Words:
    """Words and titles of one run in one language."""

    def __init__(self, results: Results, language: str) -> None:
        self.language = language
        self.currency: str = results.manifest.get("currency", "")
        objective = results.chain.get("objective")
        self._objective: Mapping[str, Any] = objective if isinstance(objective, Mapping) else {"goal": objective}
        self._nobody = "rest of the chain" if "statements" in results.tables else "no owner"
        self._titles = {
            kind: _titles(results, table, kind, language)
            for kind, table in (("element", "elements"), ("commodity", "commodities"), ("site", "sites"))
        }
        told: Mapping[str, Any] = results.manifest.get("titles") or {}
        self._titles["scenario"] = {name: _title({"title": title}, language, name) for name, title in told.items()}
        for kind, section in (("owner", "firms"), ("loan", "loans"), ("lender", "lenders")):
            named: Mapping[str, Any] = results.chain.get(section, {}) or {}
            self._titles[kind] = {name: _title(entity or {}, language, name) for name, entity in named.items()}

    def say(self, key: str) -> str:
        """Return a word of the views; profit and what brings it by their own name where no money is weighed."""
        if key in ("profit", "revenue") and self.counted:
            return self.goal("profit")
        return say(key, self.language)

    @property
    def counted(self) -> bool:
        """Whether what is weighed is no money."""
        return counted(self.currency)

    def amount(self, value: float, unit: str) -> str:
        """Return a sum of money or an amount as it reads best."""
        return (money if unit == self.currency else quantity)(value, unit, self.language)

    def scale(self, size: float, unit: str) -> Scale:
        """Return the divisor and unit in which a sum of money or an amount of this size reads best."""
        return (money_scale if unit == self.currency else scale_of)(size, unit, self.language)

    def day(self, when: dt.datetime) -> str:
        """Return the day of an instant, without its year."""
        return self.pick(f"{when.day} {when:%b}", f"{when.month}月{when.day}日")

    def goal(self, goal: str) -> str:
        """Return what the chain calls its goal; a goal that is not its own, or that it gives no name, as views do."""
        own = str(self._objective.get("goal") or "profit")
        word = say(goal, self.language)
        return _title(self._objective, self.language, word) if goal == own else word

    def element(self, name: str) -> str:
        """Return an element's title; what is let go is named after its commodity."""
        known = self._titles["element"].get(name)
        if known:
            return known
        commodity, between, _ = name.partition(" let go")
        if between:
            title = self.commodity(commodity)
            return f"{title}{say('let_go', 'zh')}" if self.language == "zh" else f"{title}, let go"
        for kind in ("loan", "owner"):
            if name in self._titles[kind]:
                return self._titles[kind][name]
        head, colon, mode = name.partition(": ")
        return f"{self.element(head)}{self.pick(': ', '：')}{self._titles['loan'].get(mode, mode)}" if colon else name

    def commodity(self, name: str) -> str:
        """Return a commodity's title."""
        return self._titles["commodity"].get(name) or name

    def site(self, name: str) -> str:
        """Return a site's title; the empty name is the whole chain."""
        return (self._titles["site"].get(name) or name) if name else self.say("whole chain")

    def owner(self, name: str) -> str:
        """Return a firm's title; the empty name is what no firm owns, in accounts the rest of the chain."""
        return (self._titles["owner"].get(name) or name) if name else self.say(self._nobody)

    def scenario(self, name: str) -> str:
        """Return the title of a farm's scenario."""
        return self._titles["scenario"].get(name) or name

    def financed(self, kind: str, name: str) -> str:
        """Return a loan's or lender's title."""
        return self._titles[kind].get(name) or name

    def balance(self, commodity: str, site: str) -> str:
        """Return a commodity with its site in brackets; without, where the chain has no sites to tell apart."""
        if not site and not self._titles["site"]:
            return self.commodity(commodity)
        return self.pick(
            f"{self.commodity(commodity)}, {self.site(site)}", f"{self.commodity(commodity)}（{self.site(site)}）"
        )

    def named(self, name: str) -> str:
        """Return how a place, run or group of machines of a simulation is called."""
        commodity, at, site = name.partition("@")
        if at:
            return self.balance(commodity, site)
        if name.startswith("orders of "):
            title = self.element(name.removeprefix("orders of "))
            return self.pick(f"orders of {title}", f"{title}的订单")
        for what in _STATIONS:
            if name.endswith(f" {what}"):
                return self._part(name.removesuffix(f" {what}"), what)
        element, dot, part = name.partition(".")
        return self._part(element, part) if dot else self.element(name)

    def _part(self, element: str, part: str) -> str:
        return f"{self.element(element)}{self.pick(': ', '：')}{self.say(part)}"

    def attribute(self, key: str, section: str = "") -> str:
        """Return the title of an attribute of the chain language, as the section calls it; dotted keys part by part."""
        known = _attributes(section)
        return " · ".join(known[part][self.language == "zh"] if part in known else self.commodity(part)
                          for part in key.split("."))

    def setting(self, path: str) -> str:
        """Return a setting's path in words: the element's title and its attribute's."""
        parts = path.split(".", 2)
        if len(parts) == 3:
            return f"{self.element(self.commodity(parts[1]))}: {self.attribute(parts[2], parts[0])}"
        return self.attribute(path)

    def pick(self, en: str, zh: str) -> str:
        """Return the one of two texts that is in this language."""
        return zh if self.language == "zh" else en


@cache
def _attributes(section: str = "") -> dict[str, tuple[str, str]]:
    """Every attribute's key with its titles, those of a section first: a lender's `most` is not a demand's."""
    from lodeworks.chain.entities import sections
    from lodeworks.chain.entities.attribute import Entity, attributes_of

    found: dict[str, tuple[str, str]] = {"*": ("all", "全部")}
    first = sections().get(section)
    own = [first] if first is not None and issubclass(first, Entity) else []
    waiting = [*own, *(entity for entity in sections().values() if issubclass(entity, Entity) and entity not in own)]
    seen = set(waiting)
    while waiting:
        for key, attribute in attributes_of(waiting.pop(0)).items():
            found.setdefault(key, (attribute.title, attribute.zh or attribute.title))
            found.setdefault(attribute.field, found[key])
            if attribute.entity is not None and attribute.entity not in seen:
                seen.add(attribute.entity)
                waiting.append(attribute.entity)
    return found


def _titles(results: Results, table: str, key: str, language: str) -> dict[str, str]:
    rows = optional_table(results, table)
    if rows is None:
        return {}
    return {
        row[key]: _title({"title": {"en": row["title_en"], "zh": row["title_zh"]}}, language, row[key])
        for row in rows.iter_rows(named=True)
    }


def _title(entity: Mapping[str, Any], language: str, fallback: str) -> str:
    title = entity.get("title") or {}
    if isinstance(title, str):
        return title or fallback
    first, second = ("zh", "en") if language == "zh" else ("en", "zh")
    return title.get(first) or title.get(second) or fallback
