"""Firms, lenders and loans: who owns, who pays, who lends, and the periods in which accounts are kept."""

from __future__ import annotations

import datetime as dt

from lodeworks.chain.entities.attribute import Element, Entity, Measure, attr
from lodeworks.units import Quantity

__all__ = ["Accounts", "Debt", "Firm", "Lender", "Loan"]


class Accounts(Entity):
    """How the accounts of firms are kept."""

    period: str = attr(
        "period", "核算期",
        "Time from one account to the next: `month`, `quarter` or `year` of the calendar, or a duration such as `7 d`.",
        default="month",
    )


class Debt(Entity):
    """What a firm owes of a loan when the plan begins."""

    amount: Quantity = attr("amount", "余额", "Principal owed at the start.", measure=Measure.MONEY, required=True)
    due: dt.datetime = attr("due", "到期日", "When the last of it is due.", required=True)
    accrued: Quantity | None = attr(
        "accrued interest", "应付未付利息", "Interest of the time before the start, of a loan whose interest is paid with the principal.",
        measure=Measure.MONEY,
    )


class Firm(Element):
    """Who owns processes; with `cash`, its money is planned period by period."""

    cash: Quantity | None = attr(
        "cash", "期初现金", "Cash at the start. A firm that says so never runs out of it; others keep no accounts.",
        measure=Measure.MONEY,
    )
    least_cash: Quantity | None = attr(
        "least cash", "最低现金", "Cash it keeps at the end of every period.", measure=Measure.MONEY
    )
    profit_tax: Quantity | None = attr(
        "profit tax", "所得税率", "Share of a calendar year's profit paid as tax in its last period.",
        measure=Measure.FRACTION,
    )
    loss_carry: Quantity | None = attr(
        "loss carry", "亏损弥补年限",
        "How long a loss may be taken off the profits of later years before they are taxed, such as `5 a`; not at all unless given.",
        measure=Measure.DURATION,
    )
    losses: dict[str, Quantity] = attr(
        "past losses", "以前年度亏损", "Losses of years before the plan that are not yet taken off, `{2024: 3 MCNY}`.", factory=dict,
        measure=Measure.MONEY,
    )
    dividend: Quantity | None = attr(
        "dividend", "分红", "Money paid to its owners in the last period of every calendar year.", measure=Measure.MONEY
    )
    owners: dict[str, Quantity] = attr(
        "owners", "股东", "Firms of the chain that own shares of it, and receive that share of the dividend.",
        factory=dict, ref="firms", measure=Measure.FRACTION,
    )
    collateral: Quantity | None = attr(
        "collateral", "抵押物", "Worth of what it can pledge for loans that want a pledge.", measure=Measure.MONEY
    )
    credit: dict[str, Quantity] = attr(
        "credit", "授信", "Loans it may draw, each with the most it is granted.", factory=dict, ref="loans",
        measure=Measure.MONEY,
    )
    debts: dict[str, Debt] = attr(
        "debts", "存量贷款", "Loans it owes at the start: `{loan: {amount, due}}`.", factory=dict, ref="loans"
    )


class Lender(Element):
    """Who lends: a bank, or its branch."""

    most: Quantity | None = attr(
        "most", "年投放上限", "Most it pays out in a calendar year, renewals not counted; no limit unless given.",
        measure=Measure.MONEY,
    )


class Loan(Element):
    """A loan product; which firms may draw it stands in their `credit`."""

    lender: str = attr("lender", "贷款银行", "Who lends.", required=True, ref="lenders")
    rate: Quantity = attr("interest rate", "年利率", "Interest on what is owed, over time.", measure=Measure.FRACTION_PER_TIME,
                          required=True)
    rates: dict[str, Quantity] = attr(
        "later rates", "调整后利率",
        "Rates that hold from a day on for all that is owed, `{2027-01-01: 3.5 %/a}`, such as LPR and a margin.", factory=dict,
        measure=Measure.FRACTION_PER_TIME,
    )
    term: Quantity = attr("term", "期限", "Time from paying out to the last repayment.", measure=Measure.DURATION,
                          required=True)
    repayment: str = attr(
        "repayment", "还款方式",
        "Interest is paid every period, and of the principal with `bullet` all at the end (先息后本), with `equal principal` as much "
        "every period (等额本金), with `annuity` what makes all payments equal (等额本息). With `single payment` the principal and all "
        "its interest, simple and not compound, are paid at the end (利随本清).",
        default="bullet",
    )
    grace: Quantity | None = attr(
        "grace period", "宽限期", "Time from paying out in which no principal is repaid, part of the term; none unless given.",
        measure=Measure.DURATION,
    )
    revolving: bool = attr(
        "revolving", "循环额度",
        "Whether what is repaid may be drawn again. With `false` a firm draws its credit once, at once or in parts: all draws, with what it "
        "owes at the start, stay within it.",
        default=True,
    )
    renewal: bool = attr(
        "renewal", "无还本续贷", "Whether what falls due may be carried on for another term without being repaid first.",
        default=False,
    )
    payout: Quantity | None = attr(
        "payout", "放款时间", "Time from asking to the money; none unless given.", measure=Measure.DURATION
    )
    earliest: dt.datetime | None = attr("earliest", "最早申请", "It can be asked for from then on; from the start unless given.")
    latest: dt.datetime | None = attr("latest", "最晚放款", "Money comes until then; until the end unless given.")
    total: Quantity | None = attr(
        "total", "产品总额", "Most of it that is paid out over the horizon to all firms together.", measure=Measure.MONEY
    )
    lump: Quantity | None = attr("lump", "整额", "Drawn only in whole multiples of this.", measure=Measure.MONEY)
    turnover: Quantity | None = attr(
        "turnover", "流水比例", "Most that is drawn, as a share of a year's sales of the firm.", measure=Measure.FRACTION
    )
    pledge: Quantity | None = attr(
        "pledge", "抵押率", "It wants a pledge: most that is owed, as a share of what is pledged.",
        measure=Measure.FRACTION,
    )
