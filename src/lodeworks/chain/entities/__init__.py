"""The entities of a chain, as pydantic models: the one table of attributes (see `attribute`)."""

from lodeworks.chain.entities.attribute import (
    Attribute,
    Element,
    Entity,
    Flow,
    Lag,
    Measure,
    Title,
    Varying,
    attributes_of,
)
from lodeworks.chain.entities.chain import (
    Calendar,
    Chain,
    Choice,
    Horizon,
    Investment,
    Objective,
    Profile,
    Risk,
    Source,
    named,
    sections,
)
from lodeworks.chain.entities.commodity import Commodity, Heat, Site
from lodeworks.chain.entities.event import Arrivals, Failures, Runs, Simulation
from lodeworks.chain.entities.finance import Accounts, Debt, Firm, Lender, Loan
from lodeworks.chain.entities.pathway import Scenario, Stage
from lodeworks.chain.entities.process import Blend, Expansion, Limit, Mode, Process
from lodeworks.chain.entities.stock import Policy, Pool, Store
from lodeworks.chain.entities.trade import Demand, Supply, Tier
from lodeworks.chain.entities.transport import Fleet, Fuel, Haul, Refuel, Route, Upkeep

__all__ = [
    "Accounts", "Arrivals", "Attribute", "Blend", "Calendar", "Chain", "Choice", "Commodity", "Debt", "Demand", "Element", "Entity", "Expansion",
    "Failures", "Firm", "Fleet", "Flow", "Fuel", "Haul", "Heat", "Horizon", "Investment", "Lag", "Lender", "Limit", "Loan", "Measure", "Mode",
    "Objective", "Policy", "Pool", "Process", "Profile", "Quantity", "Refuel", "Risk", "Route", "Runs", "Scenario", "Simulation", "Site", "Source",
    "Stage", "Store", "Supply", "Tier", "Title", "Upkeep", "Varying", "attributes_of", "named", "sections",
]

from lodeworks.units import Quantity
