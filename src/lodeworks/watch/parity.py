r"""What measurements say against each other: combinations of them that are nought whatever the chain does.

Unknown are the rates of all activities and the change of all stocks, x. What flows at a place (an element at a balance)
is what its recipe says, give or take what yields vary, f = C x + u; what enters a balance leaves it or stays,
A x = - M u + v with v what lies unseen on belts and in bins; measured is y = H x + K u + e. With Z the null space of A
and P the left null space of H Z

    P y = P (e + G u + N v),   G = K - N M,   N = H A^+,

so p = P y is noise of covariance W = P (E + G U G' + N V N') P' as long as all scales are right. Rows are turned and
scaled so that W is one.

Left out are balances from which things may be let go, those whose flows arrive after more than a quarter of a window,
and those the chain closes over longer steps than a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import nnls

from lodeworks.network.arrays import Bools, Floats, Ints, Network
from lodeworks.watch.bound import Bound

__all__ = ["Noise", "Parity", "Redundancy"]


@dataclass(frozen=True)
class Noise:
    """What errors are taken to be before any have been seen.

    Attributes
    ----------
    scale
        Of a flow's mean over a window, as a share of its typical flow.
    level
        Of a level, as a share of the store's room.
    yields
        By how much what goes in or comes out varies from the recipe, as a share.
    pocket_h
        Hours of flow that may lie unseen at a balance: on belts, in bins.
    standing
        By how much scales are off from the beginning, as a share.
    """

    scale: float = 0.01
    level: float = 0.003
    yields: float = 0.01
    pocket_h: float = 0.02
    standing: float = 0.01


@dataclass(frozen=True, eq=False)
class Parity:
    """Parities of unit covariance.

    Attributes
    ----------
    rows
        Parities are ``rows @ y``, shape (parities, measurements); nought for what is not known.
    leak
        What a unit an hour lost at each balance adds to them, shape (parities, balances).
    kinds
        What scales, levels, yields and what lies unseen each have of their covariance, which they add up to.
    """

    rows: Floats
    leak: Floats
    kinds: tuple[Floats, ...]


class Redundancy:
    """The equations of one chain and its measurements.

    Parameters
    ----------
    bound
        What is measured: flows at balances and levels, one a column of y.
    ranges
        How far the instruments reach, in the plan's units; infinite where not known. Errors are at least a thousandth
        of it, so that a flow that stands still is not taken as known without any.

    Attributes
    ----------
    kept
        Numbers of the balances that close.
    """

    def __init__(
        self, net: Network, bound: Sequence[Bound], *, hours: float, noise: Noise, ranges: Floats | None = None
    ) -> None:
        self.net, self.hours, self.noise = net, hours, noise
        links, stores = net.coefficients, net.stores
        late = np.zeros(len(net.balances.grid), bool)
        late[links.balance[(links.lag > 0.25 * hours) | links.changing]] = True  # what changes closes by no one recipe
        longer = np.array([net.grids[g].multiple * net.hours > hours * (1.0 + 1e-9) for g in net.balances.grid], bool)
        self.kept: Ints = np.flatnonzero(~net.balances.let_go & ~late & ~longer).astype(np.int32)
        keys = list(zip(links.element.tolist(), links.balance.tolist(), strict=True))
        places = {key: k for k, key in enumerate(dict.fromkeys(keys))}
        acts, held = len(net.activities), len(stores)
        self._acts = acts
        self._recipe = np.zeros((len(places), acts + held))
        np.add.at(self._recipe, (np.array([places[key] for key in keys], np.intp), links.activity), links.amount)
        at = np.array([b for _, b in places], np.int64)
        names = [net.balances.commodity[b] or str(b) for b in at]
        self._kind = np.array([names.index(name) for name in names], np.int64)
        self._gather = (at[None, :] == self.kept[:, None]).astype(float)
        self._close = self._gather @ self._recipe
        for s in range(held):
            self._close[self.kept == stores.balance[s], acts + s] -= 1.0
        self._measure, self._at = np.zeros((len(bound), acts + held)), np.zeros((len(bound), len(places)))
        self._room_of = np.zeros(len(bound))
        known = np.isfinite(ranges) if ranges is not None else np.zeros(len(bound), bool)
        self._least = 1e-3 * np.where(known, ranges if ranges is not None else 0.0, 1.0)
        for i, b in enumerate(bound):
            if b.what == "level":
                self._measure[i, acts + b.store] = 1.0
                room = float(net.plants.existing[stores.plant[b.store]])
                self._room_of[i] = np.sqrt(2.0) * (room if np.isfinite(room) else 0.0) / hours
            else:
                k = places[b.element, b.balance]
                sign = 1.0 if float(np.sum(links.amount[b.rows])) >= 0.0 else -1.0
                self._measure[i], self._at[i, k] = sign * self._recipe[k], sign
        self._inverse = np.linalg.pinv(self._close)
        self._free = null_space(self._close)

    def typical(self, mean: Floats) -> Floats:
        """Return the rates and changes of stock that fit the mean measurements best, shape (unknowns,)."""
        known = np.isfinite(mean)
        own = np.abs(np.where(known, mean, 0.0))
        size = np.maximum(own, self._least_of(np.abs(self._at).T @ own) @ np.abs(self._at).T)
        size = np.where(self._room_of > 0.0, np.maximum(own, 1e-3 * self._room_of), size)
        left = (self._measure[known] / size[known, None]) @ self._free
        q, *_ = np.linalg.lstsq(left, mean[known] / size[known], rcond=1e-9)
        x: Floats = self._free @ q
        flow = np.abs(self._recipe[:, : self._acts] @ np.minimum(x[: self._acts], 0.0))
        # What measurements hardly tell apart (which fuel of a blend) may come out far below nought in one and above in
        # the other: then rates that are none are ruled out.
        return self._not_below(mean, size, known) if np.any(flow > self._least_of(self._recipe @ x)) else x

    def _not_below(self, mean: Floats, size: Floats, known: Bools) -> Floats:
        """Return the rates, none below nought, and changes of stock that fit best; balances close to a thousandth."""
        most = np.full(len(self._kind), 1e-9)
        np.maximum.at(most, self._kind, np.abs(self._at).T @ np.abs(np.where(known, mean, 0.0)))
        through = 1e-3 * np.maximum(self._gather @ most[self._kind], 1e-9)
        rows = np.concatenate([self._measure[known] / size[known, None], self._close / through[:, None] * 1e-2])
        rows = np.concatenate([rows, -rows[:, self._acts :]], axis=1)  # stocks grow or shrink
        wide = np.maximum(np.linalg.norm(rows, axis=0), 1e-12)
        right = np.concatenate([mean[known] / size[known], np.zeros(len(self._close))])
        found = nnls(rows / wide, right, maxiter=30 * rows.shape[1])[0] / wide
        held = rows.shape[1] - len(self._measure.T)
        x: Floats = found[: self._measure.shape[1]].copy()
        x[self._acts :] -= found[len(found) - held :]
        return x

    def _least_of(self, flow: Floats) -> Floats:
        """Return a fiftieth of the largest flow of each place's commodity: errors do not go down to nought with it."""
        most = np.full(len(flow), 1e-9)
        np.maximum.at(most, self._kind, flow)
        least: Floats = 0.02 * most[self._kind]
        return least

    def parity(self, known: Bools, typical: Floats) -> Parity:
        """Return the parities of the measurements that are known, for errors in proportion to typical flows."""
        flow = np.abs(self._recipe @ typical)
        measured = np.abs(self._at) @ np.maximum(flow, self._least_of(flow))
        levels = self._room_of * self.noise.level
        error = np.maximum(np.where(self._room_of > 0.0, levels, self.noise.scale * measured), self._least)[known]
        h, k = self._measure[known], self._at[known]
        scaled = (h @ self._free) / error[:, None]
        left, size, _ = np.linalg.svd(scaled, full_matrices=True)
        rank = int((size > 1e-9 * max(float(np.max(size, initial=0.0)), 1e-300)).sum())
        rows = left[:, rank:].T / error
        unseen = h @ self._inverse
        vary = (k - unseen @ self._gather) * (self.noise.yields * np.maximum(flow, 0.0))
        through = 0.5 * self._gather @ flow
        pocket = unseen * (np.sqrt(2.0) * self.noise.pocket_h / self.hours * through)
        spread = np.concatenate([np.diag(error), vary, pocket], axis=1)
        turn, size, _ = np.linalg.svd(rows @ spread, full_matrices=False)
        good = size > 1e-9 * float(np.max(size, initial=0.0))
        white = np.zeros((int(good.sum()), len(known)))
        white[:, known] = (turn[:, good] / size[good]).T @ rows
        level = self._room_of[known] > 0.0
        kinds = [white[:, known] @ part for part in (
            np.diag(np.where(level, 0.0, error)), np.diag(np.where(level, error, 0.0)), vary, pocket)]
        return Parity(white, white[:, known] @ unseen, tuple(part @ part.T for part in kinds))
