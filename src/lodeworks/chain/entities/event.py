"""What the discrete reading needs beside rates: runs of batches, failures, arrivals. All optional."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Entity, Measure, Varying, attr
from lodeworks.units import Quantity

__all__ = ["Arrivals", "Failures", "Runs", "Simulation"]


class Runs(Entity):
    """How a process, supply, demand or route works in the discrete reading: batches on machines, each a random time."""

    batch: Quantity | None = attr(
        "batch", "批量", "Amount of the reference commodity in one run; a step's worth or what fits its stores unless given.", measure=Measure.AMOUNT
    )
    time: str = attr(
        "time", "用时", "Time of one run, a distribution such as `lognormal(7 min, 1 min)`; by the capacity unless given.",
        default="",
    )
    servers: Quantity = attr(
        "servers", "台数", "Machines that work side by side.", default=Quantity(1.0), measure=Measure.NUMBER
    )
    priority: Quantity = attr(
        "priority", "优先级", "Who is served first where several wait: the smaller number.", default=Quantity(0.0),
        measure=Measure.NUMBER,
    )
    crew: dict[str, Quantity] = attr(
        "crew", "人手", "Units of pools held during a run.", factory=dict, ref="pools", measure=Measure.POOL_AMOUNT
    )
    least: Quantity | None = attr(
        "least", "最小批次", "Share of a batch with which a run may start; a full batch unless given.", measure=Measure.FRACTION
    )
    linger: Quantity | None = attr(
        "linger", "最长等待", "A run starts with what is there when the first lot has waited so long.", measure=Measure.DURATION
    )
    setup: str = attr(
        "set-up", "换型时间", "Time to change to another mode, a distribution; written in a mode: to change to that one.", default=""
    )
    setup_from: dict[str, str] = attr(
        "set-up from", "自某工况换型", "In a mode: times to change to it from others, by their names.", factory=dict
    )
    seize: str = attr(
        "seize", "占用方式", "Whether a run takes all of its crew `together`, or its pools one by one `in order` as they are written, "
        "holding those it has.", default="together",
    )
    blocking: str = attr(
        "blocking", "阻塞", "`after` service: a finished batch waits on its machine; `before`: room is kept from the start.",
        default="after",
    )
    shift_end: str = attr(
        "shift end", "班末规则", "At the end of a shift a run does `finish`, `suspend` (and resumes) or `restart`.",
        default="suspend",
    )
    stopped: str = attr(
        "stopped", "中断后", "A run that was stopped does `resume` or `repeat`.", default="resume"
    )
    preempts: bool = attr("preempts", "抢占", "Whether it pushes runs of lower priority aside.", default=False)
    routing: str = attr(
        "routing", "工况选择", "Which of several modes that could start does: the first by `priority`, or the one whose output "
        "has the `shortest` queue before it.", default="priority",
    )
    order_at: Quantity | None = attr(
        "order at", "再订货点", "Runs start only when stock and orders under way of what it gives are no more than this.",
        measure=Measure.AMOUNT,
    )
    order_to: Quantity | None = attr(
        "order to", "订至", "An order brings stock and orders under way up to this.", measure=Measure.AMOUNT
    )


class Failures(Entity):
    """How machines break down."""

    between: str = attr("between", "故障间隔", "Time to a failure, a distribution.", required=True)
    repair: str = attr("repair", "修复时间", "Time of a repair, a distribution.", required=True)
    clock: str = attr(
        "clock", "故障时钟", "Time counts while `working`, or by the `calendar`.", default="working"
    )
    interval: str = attr(
        "interval", "间隔起点", "The next failure counts from the `repair` end, or from the `start` of the last failure.",
        default="repair",
    )
    crew: str = attr("crew", "维修班", "Pool of which one unit repairs.", default="", ref="pools")
    load: bool = attr("load", "停机可装", "Whether a machine that is down may be loaded; its work begins after the repair.",
                      default=False)
    unload: bool = attr("unload", "停机可卸", "Whether a finished batch may leave a machine that is down.", default=False)


class Arrivals(Entity):
    """Lots (of a supply) or orders (of a demand) that come when they come."""

    between: str = attr("between", "到达间隔", "Time between arrivals, a distribution.", default="")
    profile: Varying | None = attr(
        "profile", "到达曲线", "What the rate of arrivals is multiplied by over time.", measure=Measure.FRACTION
    )
    amount: str = attr("amount", "每次数量", "Amount of one arrival, a distribution; one unit unless given.", default="")
    priority: Quantity = attr(
        "priority", "优先级", "Of its lots, for stores with `order: priority`: the smaller number is taken first.",
        default=Quantity(0.0), measure=Measure.NUMBER,
    )
    balk_at: Quantity | None = attr(
        "balks at", "望而却步", "Who finds so much waiting stays away and is counted as turned away.", measure=Measure.AMOUNT
    )
    due: str = attr("due", "交期", "Time from arrival to the due date, a distribution.", default="")
    at: list[str] = attr(
        "at", "时刻", "Times of arrivals, in order: `07:30` (every day), or all `2026-03-02 07:30`, or all `3 h` from the start.",
        factory=list,
    )
    amounts: list[float] = attr("amounts", "各次数量", "Amount of each arrival of `at`; one unit unless given.", factory=list)
    table: str = attr(
        "table", "记录文件", "A CSV or Parquet file of the chain's folder with columns `time` and perhaps `amount`.", default=""
    )


class Simulation(Entity):
    """How the discrete reading is run, unless the command says otherwise."""

    replications: Quantity = attr(
        "replications", "重复次数", "Independent replications.", default=Quantity(10.0), measure=Measure.NUMBER
    )
    kind: str = attr(
        "kind", "类型", "`terminating`: all of the horizon counts; `steady`: the warm-up is found and left out.",
        default="terminating",
    )
    precision: Quantity | None = attr(
        "precision", "精度", "Replications go on until the interval of every main mean is within this share of it.",
        measure=Measure.FRACTION,
    )
    seed: Quantity = attr("seed", "随机种子", "Where the random numbers begin.", default=Quantity(1.0), measure=Measure.NUMBER)
    warm_up: Quantity | None = attr(
        "warm-up", "预热", "Time left out of the statistics; none unless given or `kind: steady`.", measure=Measure.DURATION
    )
