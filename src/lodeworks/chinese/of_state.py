"""What is told of states, and what the network refuses of a chain.

Each message stands in English, with `{}` for what it fills in, and in Chinese; how what was filled in is put into
the Chinese is told in `lodeworks.chinese.matching`.
"""

from __future__ import annotations

__all__ = ["SAID"]

SAID: dict[str, str] = {
    "this is not a state": "这不是状态文件",
    "keys and values: at, levels, out, …": "键与值：at、levels、out 等",
    "a state has no such key": "状态文件没有这个键",
    "the moment is not said": "没有写时刻",
    "such as `at: 2026-03-05 14:20`": "如 `at: 2026-03-05 14:20`",
    "outside the horizon": "在规划期之外",
    "from {} to before {}": "{1} 起、{2} 之前",
    "something that may be built": "可新建的对象",
    "a process, route, supply or demand": "工序、运输线、供给或需求",
    "what stores hold is not said": "没有写各储存的存量",
    "a level for each store, or `plan: RUN`, whose levels stand for those not said":
        "每个储存的存量，或 `plan: RUN`，未写的取该方案的存量",
    "not a time": "不是时间",
    "such as 2026-03-05 14:20": "如 2026-03-05 14:20",
    "the end is said twice, by `until` and by `hours`": "结束写了两次，既有 `until` 又有 `hours`",
    "a time such as 24 h": "时间，如 24 h",
    "the time must be longer than nought": "时间须大于零",
    "the end is not after the moment": "结束不晚于所写时刻",
    "the end is outside the horizon": "结束在规划期之外",
    "this is not a list of names with what is said of them": "这里须逐个名称写明内容",
    "`{}: {NAME: …}`": "`{1}: {NAME: …}`",
    "an element": "对象",
    "this is not {}": "这不是{1w}",
    "a number with its unit": "带单位的数",
    "below nought": "小于零",
    "a process or route that can be off": "可停机的工序或可停用的运输线",
    "a time such as 5 h": "时间，如 5 h",
    "said to be on as well": "同时也写为在运行",
    "on or off": "on 或 off",
    "an element that can be out": "可停运的对象",
    "no such key": "没有这个键",
    "until, share": "until、share",
    "a share lies between nought and one": "占比须在零到一之间",
    "such as 60 %": "如 60 %",
    "out until a time that has passed": "停运截止时间已经过去",
    "a store or a commodity in store": "储存，或储存中的物料",
    "money for one unit": "每单位的金额",
    "this is not a run folder": "这不是运行结果文件夹",
    "the folder of a run": "运行结果文件夹",
    "there is no run here": "这里没有运行结果",
    "the folder of a run, from where the state file is": "运行结果文件夹，相对于状态文件的位置",
    "the run has no marginal value for what is {} at the end": "该运行结果没有期末{1w}的边际价值",
    "a plan of this chain that covers the end": "本产业链的方案，且覆盖期末",
    "a level for each store, or a plan that covers the moment": "每个储存的存量，或覆盖该时刻的方案",
    "arrivals at written times have no share that is left": "按写明时刻的到达没有剩余比例",
    "share 0": "share 0",
    "what has no limit has no share of it": "没有上限的对象没有占比",
    "share 0, or an element with a capacity": "share 0，或写明产能的对象",
    "the flows of routes with a reactance divide in every step": "有电抗的运输线，每个时段都按物理规律分流",
    "the same step for all routes of the net": "网内所有运输线步长相同",
    "the plan is of another chain": "该方案属于另一条产业链",
    "{} has no capacity that could be added up": "{1} 没有可合计的产能",
    "an element with a `capacity` or an `expansion`": "写明 `capacity` 或 `expansion` 的对象",
    "a loan's terms, and what firms have and owe at the start, are the same in all stages":
        "贷款条件与企业期初的资产负债在各阶段须相同",
    "another loan with `earliest` where terms change, and `latest` for the one before; a stage may "
    "set a firm's `profit_tax`, `dividend`, `least_cash`, `collateral` and `credit`, and a lender's "
    "`most`":
        "条件变化时另写一笔带 `earliest` 的贷款，前一笔写 `latest`；阶段可以改企业的 `profit_tax`、`dividen"
        "d`、`least_cash`、`collateral` 与 `credit`，以及银行的 `most`",
    "what may be built of {} differs from the first stage and scenario": "{1} 可新建的内容与首个阶段和情景不同",
    "the same expansion and lump; `expansion.per_stage: 0` where nothing may be decided":
        "相同的扩能与单台规模；不允许决定之处写 `expansion.per_stage: 0`",
    "not the end of one of its steps": "不是它某个时段的末尾",
    "a time from {} on, in steps of {} h": "{1} 起、步长为 {2} h 的时间",
    "what may be closed early must not live shorter when it is built later": "可提前关停的产能，建得晚寿命不能更短",
    "the same life in all stages": "各阶段寿命相同",
    "{} is many alike units; how many are on is not known where a window begins":
        "{1} 是许多相同机组；窗口开始时有几台在运行无从得知",
    "{} keeps reserves; what it kept is not known where a window begins": "{1} 留有备用；窗口开始时留了多少无从得知",
    "a step of {} h reaches over the border of a period that begins {} h and ends {} h after the start":
        "{1} h 的时段跨越了代表时段的边界，该代表时段从起始后 {2} h 至 {3} h",
    "nothing of {}": "没有 {1} 的数",
    "{}: {} least": "{1}：{2} 下限",
    "{}: {} most": "{1}：{2} 上限",
    "choice {}": "选项 {1}",
    "orders of {}": "{1} 的订货",
    "total of {}": "{1} 的总量",
    "a time from {} on, where a segment ends": "{1} 起、某个分段结束的时间",
}
