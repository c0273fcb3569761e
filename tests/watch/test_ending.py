"""A task that is not wanted any more ends, also where a library overhears that it was cancelled."""

from __future__ import annotations

import asyncio

from lodeworks.watch.ending import ended


def test_a_task_that_overhears_being_cancelled_is_ended_all_the_same():
    heard = []

    async def deaf():
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            heard.append("overheard")
        await asyncio.sleep(60.0)

    async def ends():
        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        await asyncio.wait_for(ended(task, grace_s=0.01), 5.0)
        return task.cancelled()

    assert asyncio.run(ends())
    assert heard == ["overheard"]


def test_who_takes_leave_in_time_is_not_disturbed_and_what_failed_is_not_raised():
    async def leaves():
        try:
            await asyncio.sleep(60.0)
        finally:
            await asyncio.sleep(0.05)
            left.append("in order")

    async def fails():
        raise ValueError("before it was ended")

    async def ends():
        tasks = asyncio.create_task(leaves()), asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.wait_for(ended(*tasks), 5.0)
        return [task.done() for task in tasks]

    left = []
    assert asyncio.run(ends()) == [True, True]
    assert left == ["in order"]
