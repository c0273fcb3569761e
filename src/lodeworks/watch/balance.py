r"""The balance finds the bad scale: scales and levels are held against each other by the chain's coefficients.

Parities (see `parity`) are noise of unit size while all is right. A scale that reads a share b too much adds b y_i P_i
to them, what leaks l an hour adds l times a direction of its own; so over windows t, with f_t that direction,

    b = sum f_t' p_t / sum f_t' f_t,   z = b / sd(b)

is its weighted least squares estimate and the measurement test (Mah and Tamhane 1982); p' p is chi-squared, the global
test. Sums run over the last 3, 6, 12 and 24 hours, so that a large error is seen within hours and a small one within a
day; where balances close over a day only, over the last days. What explains most is told first and taken away before
the next is looked for.

What was so from the beginning (scales that were always a little off, a recipe that is not quite so) is learnt from days
that count as good, and so is how large errors are and how they hang together from window to window; only drift from
there is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls
from scipy.stats import chi2

from lodeworks.network.arrays import Bools, Floats, Network
from lodeworks.network.live import Live
from lodeworks.watch.bound import bind
from lodeworks.watch.parity import Noise, Parity, Redundancy

__all__ = ["LENGTHS", "Balance", "Findings", "Shows", "Suspect"]

LENGTHS = (3, 6, 12, 24)
"""How many windows of an hour are summed."""
_LONGER, _DAYS = (2, 3, 6, 12), (1, 2, 4, 7)  # how many of some hours, and of a day
_HANG_H = 12.0  # hours over which errors may hang together
_ENOUGH = 10  # windows that say how large errors are
_AS_WELL = 9.0  # what explains the sums less well by so little cannot be told apart (a likelihood ratio of 90)
_MOST = 3  # errors told at once
_BLIND = 0.02  # the standard error of a scale's share from which on it is not checked by the others
_MORE = 2.0  # a scale over which so many times as much flows as when it was learnt is not known
_NINE_OF_TEN = 1.2816  # standard errors
_SHARES = 0.05, 20.0  # how much smaller or larger than taken the variance of a kind of error may be found


@dataclass(frozen=True)
class Suspect:
    """A scale that drifts, or a leak.

    Attributes
    ----------
    kind
        ``scale`` or ``leak``.
    tag
        Of a scale: its tag.
    commodity, site
        Where it is.
    size, error
        The share a scale reads too much (too little if below nought), or what is lost an hour; and its standard error.
    z
        The first over the second.
    windows
        Over how many windows it shows best.
    others
        What would explain it about as well: tags, or commodities that leak.
    hours
        The length of these windows.
    """

    kind: str
    tag: str
    commodity: str
    site: str
    size: float
    error: float
    z: float
    windows: int
    others: tuple[str, ...] = ()
    hours: float = 1.0


@dataclass(frozen=True)
class Shows:
    """From which share on a drift of a scale is told, nine times of ten, within so many hours."""

    tag: str
    share: float
    hours: float


@dataclass(frozen=True)
class Findings:
    """What the balances say.

    Attributes
    ----------
    suspects
        The clearest first.
    total, freedom, chance
        The global test of the windows: a sum of so many squares, and how often good scales would give as much.
    blind
        Tags of flows of which even a tenth too much would not show within the windows.
    unlearned
        Lengths (hours) of windows in which balances close, for which too few good days are known.
    shows
        For each flow's tag how large a drift is named in nine of ten cases, as a share of what it reads, and over how
        many hours; infinite where no balance depends on it.
    """

    suspects: tuple[Suspect, ...]
    total: float
    freedom: int
    chance: float
    blind: tuple[str, ...]
    unlearned: tuple[float, ...] = ()
    shows: tuple[Shows, ...] = ()


@dataclass(frozen=True, eq=False)
class _Windows:
    """Parities and directions of errors, window by window.

    `parity` has one vector a window, `direction` one matrix a window, shape (parities, candidates).
    """

    parity: list[Floats]
    direction: list[Floats]

    def sums(self) -> tuple[Floats, Floats]:
        """Return f' p and f' f of each candidate in each window, shape (windows, candidates)."""
        along = [p @ f for p, f in zip(self.parity, self.direction, strict=True)]
        return np.array(along), np.array([(f**2).sum(axis=0) for f in self.direction])


class Balance:
    """Holds the scales and levels of one chain against each other.

    Parameters
    ----------
    hours
        Length of a window. Balances that the chain closes over more are left out.
    z
        From how many standard errors on something is a suspect.
    least
        The share below which a bias of a scale is none.

    Attributes
    ----------
    tags
        Numbers of the tags that are looked at: the columns of all means.
    level
        Which of them are levels, whose means are their change an hour.
    """

    def __init__(
        self, net: Network, live: Live, *, hours: float = 1.0, noise: Noise | None = None, z: float = 5.2,
        least: float = 0.008,
    ) -> None:
        self.net, self.live, self.noise, self.z, self.least = net, live, noise or Noise(), z, least
        self.hours = hours
        self.lengths = LENGTHS if hours <= 1.0 else _LONGER if hours < _HANG_H else _DAYS
        self._lags = max(1, round(_HANG_H / hours))
        links = net.coefficients
        changing = set(links.element[links.changing].tolist())  # no one recipe holds their tags together
        self._bound = [
            b for b in bind(net, live)
            if b.what == "level" or (b.what == "flow" and b.balance >= 0 and b.element not in changing)
        ]
        self.tags = [b.tag for b in self._bound]
        self.level = np.array([b.what == "level" for b in self._bound], bool)
        ranges = np.array([live.tags[t].high * live.tags[t].factor for t in self.tags], float)
        self._equations = Redundancy(net, self._bound, hours=hours, noise=self.noise, ranges=ranges)
        self._typical: Floats | None = None
        self._parities: dict[bytes, Parity] = {}
        self._standing: Floats = np.zeros(len(self.tags))
        self._learnt: Floats = np.full(len(self.tags), np.inf)  # nothing is too much before anything is learnt
        self._wider = np.ones(len(self.tags) + len(self._equations.kept))
        self._good, self._unit = 0, 1.0

    def learn(self, means: Floats) -> None:
        """Take days as good: what is typical, what stands off from the beginning, how errors hang together.

        Parameters
        ----------
        means
            As of `look`; some days of them.
        """
        self._parities.clear()
        self._typical = self._equations.typical(np.nanmean(means, axis=0))
        self._learnt = np.nanmean(np.abs(means), axis=0)
        self._standing, self._wider = np.zeros_like(self._standing), np.ones_like(self._wider)
        windows, count = self._windows(means), len(self.tags)
        sums: Floats = np.zeros(count)
        information: Floats = np.zeros((count, count))
        for p, direction in zip(windows.parity, windows.direction, strict=True):
            f = direction[:, :count]
            sums += f.T @ p
            information += f.T @ f
        prior = np.full(count, 1.0 / self.noise.standing**2)  # windows hang together: they count for less than they are
        each = information / self._lags + np.diag(prior)
        self._standing = np.asarray(np.linalg.solve(each, sums / self._lags), float)
        self._fit_noise(means)
        windows = self._windows(means)
        along, size = windows.sums()
        own: Floats = along / np.sqrt(np.maximum(size, 1e-300))
        there: Bools = np.all(size > 1e-12, axis=0)
        parts = (_widened(own[:, :count], there[:count], self._lags),
                 _widened(own[:, count:], there[count:], self._lags))
        self._wider = np.concatenate(parts)
        self._good = len(means)
        freedom = sum(len(p) for p in windows.parity)
        self._unit = sum(float(p @ p) for p in windows.parity) / freedom if freedom else 1.0

    def look(self, means: Floats) -> Findings:
        """Return what the last windows say.

        Parameters
        ----------
        means
            One row a window, the newest last, one column a tag of `tags`, in the plan's units: of a flow its mean, of a
            level its change an hour; nan where not known. The last are looked at, as many as are summed.
        """
        lately = self._as_learnt(means[-2 * self.lengths[-1]:])
        windows = self._windows(lately[-self.lengths[-1]:])
        total = float(sum(p @ p for p in windows.parity)) / self._unit
        freedom = sum(len(p) for p in windows.parity)
        error = self._estimates(*windows.sums())[2][-1, -1]
        found: list[Suspect] = []
        while len(found) < _MOST:
            suspect = self._clearest(windows)
            if suspect is None:
                break
            found.append(suspect[0])
            which, size, length = suspect[1:]
            after = [p - size * f[:, which] if t >= len(windows.parity) - length else p
                     for t, (p, f) in enumerate(zip(windows.parity, windows.direction, strict=True))]
            windows = _Windows(after, windows.direction)
        blind = [self.live.tags[t].name for i, t in enumerate(self.tags) if not self.level[i] and error[i] > _BLIND]
        chance = float(chi2.sf(total, freedom)) if freedom else 1.0
        span = self.lengths[-1] * self.hours
        shows = tuple(Shows(self.live.tags[t].name, self._told_from(float(error[i])), span)
                      for i, t in enumerate(self.tags) if not self.level[i])
        return Findings(tuple(found), total, freedom, chance, tuple(blind), shows=shows)

    def scores(self, means: Floats) -> Floats:
        """Return the largest |z| of any suspect at the end of each window, shape (windows,)."""
        size, z = self._estimates(*self._windows(self._as_learnt(means)).sums())[:2]
        best: Floats = np.where(self._counts(size, z), np.abs(z), 0.0).max(axis=(0, 2))
        return best

    # ---- inside --------------------------------------------------------------------------------------

    def _fit_noise(self, means: Floats) -> None:
        """Bring the four kinds of errors to the size that the parities of good days show over times such as a day.

        The covariance of sums of parities is what the kinds add up to, so their sizes follow by non-negative least
        squares; four numbers of hundreds, so that nothing is fitted to chance.
        """
        every = np.ones(len(self.tags), bool)
        for _ in range(2):  # the shares of kinds depend a little on how parities are scaled
            windows = self._windows(means[np.isfinite(means).all(axis=1)])
            if len(windows.parity) < max(4 * self._lags, _ENOUGH) or not len(windows.parity[0]):
                return
            sums = _long_run(np.array(windows.parity), self._lags)
            upper = np.triu_indices(len(sums))
            kinds = np.array([kind[upper] for kind in self._parities[every.tobytes()].kinds]).T
            share = np.sqrt(np.clip(nnls(kinds, sums[upper])[0], *_SHARES))
            noise = self._equations.noise
            self._equations.noise = replace(
                noise, scale=noise.scale * share[0], level=noise.level * share[1], yields=noise.yields * share[2],
                pocket_h=noise.pocket_h * share[3],
            )
            self._parities.clear()

    def _as_learnt(self, means: Floats) -> Floats:
        """Return means without those of scales that lately carried far more than when they were learnt: of what hardly
        moved then it is not known how far off it always was. What comes in trains is looked at over all that is summed.
        """
        known = np.isfinite(means)
        sums, counts = (_rolling(part, self.lengths[-1]) for part in (np.where(known, np.abs(means), 0.0), 1.0 * known))
        lately = sums / np.maximum(counts, 1.0)
        more = ~self.level & (lately > _MORE * np.where(np.isnan(self._learnt), 0.0, self._learnt))
        return np.where(more, np.nan, means)

    def _windows(self, means: Floats) -> _Windows:
        if self._typical is None:
            self._typical = self._equations.typical(np.nanmean(means, axis=0))
        known = np.isfinite(means)
        right = np.where(known, means, 0.0) * (1.0 - self._standing)
        parities, directions = [], []
        for there, values in zip(known, right, strict=True):
            key = there.tobytes()
            if key not in self._parities:
                self._parities[key] = self._equations.parity(there, self._typical)
            parity = self._parities[key]
            parities.append(parity.rows @ values)
            scales = parity.rows * np.where(self.level, 0.0, values)
            directions.append(np.concatenate([scales, parity.leak], axis=1))
        return _Windows(parities, directions)

    def _estimates(self, along: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
        """Return estimate, z and error by (length, window, candidate): sums over the windows up to each."""
        each = []
        for length in self.lengths:
            s, q = _rolling(along, length), _rolling(size, length)
            wider = self._wider * (1.0 + length / self._good if self._good else 1.0)  # what was learnt has errors too
            error = np.sqrt(wider / np.maximum(q, 1e-300))
            estimate = np.where(q > 1e-12, s / np.maximum(q, 1e-300), 0.0)
            each.append((estimate, estimate / error, error))
        estimate, z, error = (np.array(parts) for parts in zip(*each, strict=True))
        return estimate, z, error

    def _counts(self, estimate: Floats, z: Floats) -> Bools:
        """Say which estimates are suspects: far enough from nought, large enough, and of leaks a loss."""
        scales = len(self.tags)
        clear = np.abs(z) > self.z
        clear[..., :scales] &= self._is_bias(estimate[..., :scales])
        clear[..., scales:] &= estimate[..., scales:] > 0.0
        return clear

    def _told_from(self, error: float) -> float:
        """Return the drift that is past the edge in nine of ten cases; infinite if even a whole reading is not."""
        share = max(self.least, (self.z + _NINE_OF_TEN) * error)
        return share if share <= 1.0 else np.inf

    def _is_bias(self, share: Floats) -> Bools:
        """Say which shares a drift may have: none too small to matter, and none of more than all that flows, which is
        what rounding makes of a scale that no parity depends on.
        """
        found: Bools = (np.abs(share) > self.least) & (np.abs(share) <= 1.0)
        return found

    def _clearest(self, windows: _Windows) -> tuple[Suspect, int, float, int] | None:
        """Return the suspect that explains most, its number, size and length; none where there is none."""
        estimate, z, error = (part[:, -1] for part in self._estimates(*windows.sums()))
        clear = self._counts(estimate, z)
        if not clear.any():
            return None
        scales = len(self.tags)
        length, first = (int(k) for k in np.unravel_index(int(np.argmax(np.where(clear, z**2, 0.0))), z.shape))
        fit = z[length] ** 2 * self._wider / self._wider[first]  # what each would explain, on one measure
        could = np.where(np.arange(len(fit)) < scales, self._is_bias(estimate[length]), estimate[length] > 0.0)
        near = could & (fit >= fit[first] - _AS_WELL) & (np.abs(z[length]) > 0.7 * self.z)
        which = int(np.argmax(np.where(near[:scales], fit[:scales], 0.0))) if near[:scales].any() else first
        others = tuple(self._name(int(c)) for c in np.flatnonzero(near) if c != which)
        count = len(self.tags)
        b = self._bound[which].balance if which < count else int(self._equations.kept[which - count])
        suspect = Suspect(
            "scale" if which < count else "leak", self._name(which) if which < count else "",
            self.net.balances.commodity[b], self.net.balances.site[b], float(estimate[length, which]),
            float(error[length, which]), float(z[length, which]), self.lengths[length], others, self.hours,
        )
        return suspect, which, float(estimate[length, which]), self.lengths[length]

    def _name(self, candidate: int) -> str:
        if candidate < len(self.tags):
            return self.live.tags[self.tags[candidate]].name
        b = int(self._equations.kept[candidate - len(self.tags)])
        return " at ".join(part for part in (self.net.balances.commodity[b], self.net.balances.site[b]) if part)


def _rolling(each: Floats, length: int) -> Floats:
    """Return the sum over the windows up to each, at most so many, shape as given."""
    total = np.concatenate([np.zeros((1, each.shape[1])), np.cumsum(each, axis=0)])
    begin = np.maximum(np.arange(len(each)) + 1 - length, 0)
    summed: Floats = total[1:] - total[begin]
    return summed


def _long_run(parity: Floats, lags: int) -> Floats:
    """Return the covariance of a sum of windows, for one of them; those far apart count less (Newey and West 1987)."""
    centred = parity - parity.mean(axis=0)
    found: Floats = centred.T @ centred / len(centred)
    for lag in range(1, lags + 1):
        apart = centred[lag:].T @ centred[:-lag] / len(centred)
        found += (1.0 - lag / (lags + 1)) * (apart + apart.T)
    return found


def _widened(own: Floats, there: Bools, lags: int) -> Floats:
    """Return by how much the variance of each candidate's sums differs from what the kinds of errors say.

    Few days say little of one candidate, so what is less than the median is not believed.
    """
    if not there.any() or len(own) < max(4 * lags, _ENOUGH):
        return np.ones(own.shape[1])
    centred = own - own.mean(axis=0)
    wide = (centred**2).mean(axis=0)
    for lag in range(1, lags + 1):
        wide += 2.0 * (1.0 - lag / (lags + 1)) * (centred[lag:] * centred[:-lag]).mean(axis=0)
    shared = float(np.median(wide[there]))
    return np.where(there, np.maximum(wide, shared), shared)
