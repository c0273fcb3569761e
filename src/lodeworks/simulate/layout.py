"""The columns of the kernel's tables and its codes: one name for each number the kernel reads or writes.

A table has one row for each place, transition, machine … and is held as two arrays, one of whole numbers and one of
floats. A column's name begins with the table's letter: ``P_`` place, ``T_`` transition, ``A_`` arc, ``G_`` machine
group, ``M_`` machine, ``J_`` job, ``L_`` lot, ``R_`` pool (resource), ``S_`` source of arrivals. Nothing is computed
here.

A *place* is a balance: lots wait in it. A *transition* is an activity: it takes lots, runs a while as a *job* on a
*machine* of its group, and puts lots. A *carrier* is a lot that is a vehicle; its *gauges* are what is left in its
tank and until its next upkeep.

Columns stand in the order of how often an event needs them: what most events read and write of an element are its last
whole numbers and its first floats, which in memory follow one another. ``LEAD`` numbers are left free before a row so
that these begin a cache line; how rows stand in memory is in `addresses`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Halves = npt.NDArray[np.int32]  # numbers of rows, where many are to be near
Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]

NONE: Final = -1

# Places, whole numbers.
P_RULE: Final = 0  # which lot first
P_PATIENCE: Final = 1  # distribution
P_PATIENCE_STREAM: Final = 2
P_RENEGE_TO: Final = 3
P_EXPIRE_TO: Final = 4
P_AGES: Final = 5  # first of two rows of amounts by age of what cools: warm enough, and colder; or NONE
P_MAKERS0: Final = 6
P_MAKERS1: Final = 7
P_N_EXPIRED: Final = 8
P_N_RENEGED: Final = 9
P_N_REFUSED: Final = 10
P_N_LATE: Final = 11
P_LET_GO: Final = 12  # what has no room is let go
P_BLOCKED: Final = 13  # first job that waits for room here
P_BLOCKED_LAST: Final = 14
P_LISTED: Final = 15
P_HEAD: Final = 16
P_TAIL: Final = 17
P_COUNT: Final = 18
P_KIND: Final = 19  # what the place does with lots
P_USERS0: Final = 20  # transitions that take from it, in order of priority
P_USERS1: Final = 21
P_N_IN: Final = 22
P_N_MOST: Final = 23
P_SPRING: Final = 24  # what is missing is supplied without limit
P_N_OUT: Final = 25
P_INTS: Final = 26

# Places, floats.
P_LEVEL: Final = 0
P_LAST: Final = 1
P_AREA: Final = 2  # amount × time
P_COUNT_AREA: Final = 3  # lots × time
P_IN: Final = 4
P_MOST: Final = 5
P_OUT: Final = 6
P_STAY: Final = 7  # amount × stay, of what left
P_LOT_STAY: Final = 8  # stay of lots that left whole or in part, weighed by their share
P_AGE: Final = 9  # amount × age since made, of what left
P_SHORT: Final = 10  # when who takes from it first found too little
P_CAPACITY: Final = 11
P_RESERVED: Final = 12
P_EXPIRED: Final = 13
P_RENEGED: Final = 14
P_REFUSED: Final = 15  # turned away for lack of room
P_LET: Final = 16  # let go
P_SHELF: Final = 17
P_SUPPLIED: Final = 18  # by its spring
P_TARDY: Final = 19
P_LIFE: Final = 20  # how long a lot keeps since it was made
P_BEGUN: Final = 21  # put in for what is under way at the start
P_WARM: Final = 22  # the age at which what waits here is at its least temperature
P_FLOATS: Final = 23

RULE_FIFO: Final = 0
RULE_LIFO: Final = 1
RULE_DUE: Final = 2
RULE_PRIORITY: Final = 3

KIND_QUEUE: Final = 0
KIND_EXIT: Final = 1  # lots leave the chain at once

# Transitions, whole numbers.
T_CHANCE_STREAM: Final = 0
T_PRIORITY: Final = 1
T_BEFORE: Final = 2  # blocking before service
T_PREEMPT: Final = 3
T_TARGET: Final = 4
T_CHANCE: Final = 5  # whether outputs are drawn
T_REORDER: Final = 6  # place whose position is watched, or NONE
T_BACKLOG: Final = 7  # place where orders wait, counted against the position, or NONE
T_SERIES: Final = 8  # when it may work, beside its machines' own hours; NONE: always
T_PARTIAL: Final = 9  # whether it may start with less than its batch
T_SETUP: Final = 10  # first of the times to change to it, one for each mode of its group
T_KIND: Final = 11  # its number within its group
T_BUSY_STREAM: Final = 12
T_PASSES: Final = 13  # so many of its inputs, the last, are passes of pools
T_USE0: Final = 14
T_USE1: Final = 15
T_LISTED: Final = 16
T_GROUP: Final = 17
T_IN0: Final = 18
T_IN1: Final = 19
T_OUT0: Final = 20
T_OUT1: Final = 21
T_WHY: Final = 22
T_WHAT: Final = 23
T_TIME: Final = 24
T_STREAM: Final = 25
T_STARTS: Final = 26
T_ENDS: Final = 27
T_ACTIVE: Final = 28
T_KEEPS_MADE: Final = 29
T_CARRIER: Final = 30  # whether an arc takes a carrier
T_INTS: Final = 31

SALE_LEAST: Final = 1e-6  # the least share of a batch with which a sale without limit starts; it takes all there is

# Transitions, floats.
T_LAST: Final = 0
T_AREA: Final = 1  # jobs × time
T_BATCH: Final = 2
T_DONE: Final = 3  # amount started, in its reference
T_MADE: Final = 4  # amount ended
T_AT: Final = 5  # when it last started
T_OPENS: Final = 6  # out until then
T_PER_FILL: Final = 7
T_LEAST: Final = 8
T_LINGER: Final = 9
T_BURN0: Final = 10
T_BURN1: Final = 11
T_ORDER_AT: Final = 12
T_ORDER_TO: Final = 13
T_ON_ORDER: Final = 14
T_BURNT: Final = 15
T_FILLED: Final = 16
T_PER_ORDER: Final = 17  # what comes into the watched place for one unit of the batch
T_BUSY: Final = 18  # the chance that a machine has a run of it under way at the start
T_FLOATS: Final = 19

# Arcs.
A_PLACE: Final = 0
A_ROLE: Final = 1
A_INTS: Final = 2
A_AMOUNT: Final = 0
A_LAG: Final = 1
A_CHANCE: Final = 2  # cumulated over the transition's arcs; above one: always
A_TEST: Final = 3  # a carrier goes here while its gauge is below this
A_FLOWED: Final = 4
A_FLOATS: Final = 5

ROLE_PLAIN: Final = 0
ROLE_CARRIER: Final = 1
ROLE_FILL: Final = 2  # as much as the carrier's tank lacks
ROLE_IF_LOW: Final = 3  # carriers whose tank is below the test
ROLE_IF_WORN: Final = 4  # carriers whose second gauge is below the test
ROLE_LADEN: Final = 5  # a carrier whose lot is that of its load
ROLE_PASS: Final = 6  # a pool's leave to start; not in what is made

# Machine groups.
G_INTERVAL: Final = 0
G_DOWN_OPEN: Final = 1
G_FAIL: Final = 2
G_FAIL_STREAM: Final = 3
G_REPAIR: Final = 4
G_REPAIR_STREAM: Final = 5
G_CREW: Final = 6
G_T1: Final = 7
G_SETUP: Final = 8  # whether a change of modes takes time, or NONE
G_SETUP_STREAM: Final = 9
G_SUSPENDED: Final = 10
G_REPEAT: Final = 11  # 1: a stopped job begins again
G_FAILURES: Final = 12
G_REPAIRS: Final = 13
G_BELT: Final = 14  # what is on its way stops when a machine is down
G_SHORTEST: Final = 15  # the mode with the shortest queue before its output runs
G_T0: Final = 16
G_CLOCK: Final = 17
G_SERIES: Final = 18
G_SHIFT: Final = 19
G_M0: Final = 20
G_M1: Final = 21
G_IDLE: Final = 22
G_IDLE_LAST: Final = 23
G_REASON: Final = 24
G_INTS: Final = 25
G_LEAD: Final = 4

SHIFT_FINISH: Final = 0
SHIFT_SUSPEND: Final = 1
SHIFT_RESTART: Final = 2
CLOCK_NONE: Final = 0
CLOCK_CALENDAR: Final = 1
CLOCK_WORKING: Final = 2
OPEN_UNLOAD: Final = 1  # while a machine is down; nought: neither
OPEN_LOAD: Final = 2  # added to the other

# Machines.
M_CREW_NEXT: Final = 0
M_DOWN: Final = 1
M_GROUP: Final = 2
M_STATE: Final = 3
M_JOB: Final = 4
M_NEXT: Final = 5
M_PREV: Final = 6
M_LAST_MODE: Final = 7
M_INTS: Final = 8
M_LEAD: Final = 7
M_SINCE: Final = 0
M_TO_FAILURE: Final = 1
M_FAILED_AT: Final = 2
M_OUT: Final = 3  # out at the start, until then
M_FLOATS: Final = 4

WORKING: Final = 0
SETUP: Final = 1
STARVED: Final = 2
BLOCKED: Final = 3
DOWN: Final = 4
OFF_SHIFT: Final = 5
NO_VEHICLE: Final = 6
NO_POOL: Final = 7
ON_PLAN: Final = 8
NO_CREW: Final = 9
STATES: Final = 10
STATE_NAMES: Final = (
    "working", "setup", "starved", "blocked", "down", "off shift", "no vehicle", "no pool", "on plan", "no crew",
)

# Jobs.
J_OUTCOME: Final = 0
J_PLACE: Final = 1
J_NUMBER: Final = 2
J_CARRIER: Final = 3
J_URGENCY: Final = 4  # the most urgent of what it took
J_TRANSITION: Final = 5
J_MACHINE: Final = 6
J_PHASE: Final = 7
J_NEXT: Final = 8
J_INTS: Final = 9
J_LEAD: Final = 3
J_WORK: Final = 0
J_BORN: Final = 1
J_MADE: Final = 2
J_SHARE: Final = 3
J_RESUMED: Final = 4
J_FULL_WORK: Final = 5
J_GAUGE0: Final = 6
J_GAUGE1: Final = 7
J_DUE: Final = 8
J_FILL: Final = 9
J_FLOATS: Final = 10

FREE: Final = 0
RUNNING: Final = 1
WAITING_ROOM: Final = 2
SUSPENDED: Final = 3
PARCEL: Final = 4
STOPPED: Final = 5
SETTING_UP: Final = 6

# Lots.
L_REASON: Final = 0  # what its event means: 0 patience, 1 shelf life
L_CARRIER: Final = 1
L_NUMBER: Final = 2
L_URGENCY: Final = 3  # the smaller, the sooner
L_NEXT: Final = 4
L_PREV: Final = 5
L_PLACE: Final = 6
L_INTS: Final = 7
L_LEAD: Final = 4
L_AMOUNT: Final = 0
L_BORN: Final = 1
L_MADE: Final = 2
L_ENTERED: Final = 3
L_WHOLE: Final = 4  # amount it came in with
L_DUE: Final = 5
L_GAUGE0: Final = 6
L_GAUGE1: Final = 7
L_LOAD: Final = 8  # share of its payload that a vehicle carries
L_FLOATS: Final = 9

# Pools.
R_SERIES: Final = 0
R_USERS0: Final = 1
R_USERS1: Final = 2
R_CREW: Final = 3  # first machine that waits for a repairer
R_CREW_LAST: Final = 4
R_FAIL: Final = 5
R_FAIL_STREAM: Final = 6
R_REPAIR: Final = 7
R_REPAIR_STREAM: Final = 8
R_DOWN: Final = 9
R_INTS: Final = 10
R_AMOUNT: Final = 0
R_THERE: Final = 1
R_USED: Final = 2
R_LAST: Final = 3
R_AREA: Final = 4
R_THERE_AREA: Final = 5
R_SEIZED: Final = 6
R_RELEASED: Final = 7
R_BEGUN: Final = 8  # held by what is under way at the start
R_GRAIN: Final = 9  # what is there is a whole multiple of it: people are whole, unless runs hold parts
R_FLOATS: Final = 10
# Uses of pools by transitions.
U_POOL: Final = 0
U_SEIZE: Final = 1
U_RELEASE: Final = 2
U_INTS: Final = 3

# Sources of arrivals.
S_DUE: Final = 0
S_DUE_STREAM: Final = 1
S_TRACE: Final = 2  # next row of the trace, or NONE
S_TRACE_END: Final = 3
S_TRACE_FIRST: Final = 4
S_URGENCY: Final = 5
S_AMOUNT_STREAM: Final = 6
S_N: Final = 7
S_SERIES: Final = 8
S_PLACE: Final = 9
S_TIME: Final = 10
S_STREAM: Final = 11
S_AMOUNT: Final = 12
S_INTS: Final = 13
S_LEAD: Final = 2
S_ARRIVED: Final = 0
S_EVERY: Final = 1  # a timetable begins again after this
S_ROUND: Final = 2
S_BALK: Final = 3  # who finds so much waiting stays away
S_FLOATS: Final = 4

# Scalars of the state.
C_SEQUENCE: Final = 0
C_HEAP: Final = 1
C_FREE_JOB: Final = 2
C_FREE_LOT: Final = 3
C_EVENTS: Final = 4
C_LIST_HEAD: Final = 5
C_LIST_TAIL: Final = 6
C_MARK: Final = 7
C_TRACED: Final = 8
C_FULL: Final = 9
C_CHECKPOINT: Final = 10
C_INSTANT: Final = 11
C_NUMBER: Final = 12
C_BACKWARDS: Final = 13
C_MAKER: Final = 14  # number of the job whose outputs are put, for the trace
C_URGENCY: Final = 15  # of what is put next
C_HEAPED: Final = 16  # whether the event list is in order
C_STAYS: Final = 17  # words of the histogram that are written
C_PATH: Final = 18  # where events rose to in the event list when the last was taken out, from its top
PATH: Final = 16  # so far down that is; deeper than any list
C_ASKED: Final = C_PATH + PATH  # which of the counts asked for is counted next
C_COUNTS: Final = C_ASKED + 1  # counts of stays that are asked for, each a place and a bin, or NONE
ASKED: Final = 4  # so many, a power of two
C_INTS: Final = C_COUNTS + ASKED

NOT_URGENT: Final = 1 << 40

# What a stretch of the kernel ended for.
DONE: Final = 0
PAUSED: Final = 1
FULL: Final = 2
ZERO_TIME: Final = 3
TRACE_FULL: Final = 4
STILL: Final = 5

# The order of simultaneous events, by what they are.
RANK_SHIFT: Final = 0
RANK_MACHINE: Final = 1
RANK_JOB: Final = 2
RANK_ARRIVAL: Final = 3
RANK_LOT: Final = 4
RANK_TIMER: Final = 5

# Kinds of distribution; from gamma on they take several numbers of their stream.
D_CONSTANT: Final = 0
D_UNIFORM: Final = 1
D_TRIANGULAR: Final = 2
D_EXPONENTIAL: Final = 3
D_LOGNORMAL: Final = 4
D_WEIBULL: Final = 5
D_DISCRETE: Final = 6
D_EMPIRICAL: Final = 7
D_GAMMA: Final = 8
D_ERLANG: Final = 9
D_PERT: Final = 10
D_KIND: Final = 0
D_FROM: Final = 1  # rows of the table of values
D_TO: Final = 2
D_INTS: Final = 3
D_FLOATS: Final = 4
# Streams.
X_DRAWN: Final = 0  # numbers drawn
X_ROW: Final = 1  # the distribution of the draws made ahead, or NONE
X_UNTIL: Final = 2  # draws made ahead are of the stream's numbers before this one
X_INTS: Final = 3
X_AHEAD: Final = 8  # draws made at once, a power of two

# Histograms of stays: bins a factor 2 ** (1/32) wide, from 2 ** -14 h (0.2 s).
BINS_PER_OCTAVE: Final = 32
LOWEST_OCTAVE: Final = -14
OCTAVES: Final = 30
BINS: Final = BINS_PER_OCTAVE * OCTAVES + 2
BINS_BITS: Final = 10  # hold the number of a bin
TALLY_WORDS: Final = BINS // 8 + 1  # eight counters of a byte each in a word; behind the bins, whether one was full
TALLIES: Final = 8 * TALLY_WORDS
FULL_TALLY: Final = 256
STAYS_BITS: Final = 30  # of a word of the histogram, for how many; the others number checkpoint, row and bin
CHECKPOINTS: Final = 10

# Sums noted at the marks: of each place, transition and pool; of a group its hours in each state.
NOTES_PLACE: Final = 17
NOTES_TRANSITION: Final = 3
NOTES_POOL: Final = 2

# Kinds of trace rows: (time, kind, a, b, c, x, d), where a to d are
# START, END: transition, machine, job, share, vehicle; IN, OUT: place, lot, job, amount, vehicle;
# STATE: machine, state, group, -, state before; LOST: place, reason, place it goes to or source, amount, lot.
TRACE_START: Final = 0
TRACE_END: Final = 1
TRACE_IN: Final = 2
TRACE_OUT: Final = 3
TRACE_STATE: Final = 4
TRACE_LOST: Final = 5
TRACE_COLUMNS: Final = 7


# What is near a transition or a source: rows that an event of it reads and writes, to be asked for ahead. Sources come
# behind transitions.
N_TRANSITION: Final = 0  # that a source's arrivals let start
N_PLACE: Final = 1  # it takes from, or a source's arrivals come into
N_TO: Final = 2  # place it puts into
N_GROUP: Final = 3
N_MACHINE: Final = 4
N_STREAM: Final = 5  # of its times
N_ARRIVALS: Final = 6  # stream of a source's times
N_ARC: Final = 7
N_INTS: Final = 8
ASKED_FROM: Final = 512  # pending events; fewer are near by themselves


class Model(NamedTuple):
    """What does not change while the kernel runs."""

    users: Ints  # transitions of places, by P_USERS0..1
    makers: Ints
    modes: Ints  # transitions of groups
    pool_users: Ints
    uses: Ints
    use_amount: Floats
    dist_i: Ints
    dist_f: Floats
    values: Floats  # of discrete and empirical distributions: pairs (value, cumulated share)
    series: Floats  # (rows, steps)
    worked: Floats  # (rows, steps + 1): hours at full speed since the start
    on: Floats  # (rows, steps + 1): hours on shift since the start
    targets: Floats  # (rows, steps + 1): cumulated amounts by plan
    arrivals: Floats  # (rows, 2): time and amount of traced arrivals
    keys: Keys  # (streams, 2)
    marks: Floats  # when the accumulators are noted
    step: Floats  # (2,): hours; how many of the first step are over at the start
    near: Halves  # (transitions and sources, N_INTS)
    base: Ints  # first event number of: machines, sources, groups, pools, their failures, jobs and lots


class State(NamedTuple):
    """What the kernel changes."""

    pi: Ints
    pf: Floats
    ti: Ints
    tf: Floats
    ai: Ints
    af: Floats
    gi: Ints
    shares: Floats  # (groups, STATES): machine-hours in each state
    mi: Ints
    mf: Floats
    ji: Ints
    jf: Floats
    li: Ints
    lf: Floats
    ri: Ints
    rf: Floats
    si: Ints
    sf: Floats
    xi: Ints
    ahead: Floats  # (streams, X_AHEAD): draws made ahead, by number within their block
    heap_time: Floats
    heap_rank: Ints  # by event: what comes first at one instant
    heap_event: Halves
    heap_place: Ints  # by event: where it stands in the heap, or NONE
    todo: Ints  # ring of what to look at: transitions, and places p as -1 - p
    c: Ints
    now: Floats  # (1,)
    notes: Floats  # (marks, width): accumulators at the marks
    tally: Bytes  # (rows, TALLIES): stays since the last checkpoint, less what is in `full`
    full: Ints  # (rows, BINS): of counters of a byte that were full
    histogram: Ints  # (checkpoints * rows * BINS,): counts that are not nought, see `bins`
    ages: Floats  # (checkpoints, rows, BINS): amounts of what cools, by age when it left
    trace: Floats  # (rows, TRACE_COLUMNS)
