"""What is told of plans without an answer, and views of what is not there: each message in English, and in Chinese.

`{}` stands for what it fills in; how that is put into the Chinese is told in `lodeworks.chinese.matching`.
"""

from __future__ import annotations

__all__ = ["SAID"]

SAID: dict[str, str] = {
    "the time limit passed before the plan was proved best; allow more time":
        "时限已到，方案尚未证明为最优；请延长时限",
    "the solver called its answer {}, but it {}": "求解器称其答案为 {1}，但它 {2}",
    "the whole-number plan found could not be confirmed with its whole numbers fixed":
        "固定整数变量后，所得整数方案未能通过验证",
    "the solver calls the program infeasible or unbounded, but neither could be confirmed; its numbers "
    "may be too far apart in size (see the warnings of `lodeworks check`)":
        "求解器称该规划无解或无界，但两者都未能证实；其中数值可能相差过大（见 `lodeworks check` 的警告）",
    "something is built that may not be in this chain": "方案新建了本产业链不可新建的对象",
    "{}, run on all steps": "{1}，按全部时段运行",
    "the run of a plan of the same chain": "同一产业链方案的运行结果",
    "no solver of the race came to an answer that may be used; {}": "并行的各解法都没有得出可用的答案；{1}",
    "its process could not be started: {}": "其进程无法启动：{1w}",
    "{}: there is something of this name, and it holds no programs; choose another folder":
        "{1}：已有同名内容，且其中没有规划文件；请另选文件夹",
    "{}: programs are there already; choose another folder or replace them (--replace)":
        "{1}：已有规划文件；请另选文件夹，或加 --replace 替换",
    "typical days need a horizon of whole days in steps that divide a day; it has {} steps of {} h":
        "典型日要求规划期为整天、步长能整除一天；现为 {1} 个 {2} h 的时段",
    "nothing is on or off in this chain, so windows decide nothing; plan it as it is":
        "该产业链没有启停决定，窗口决定不了什么；请原样规划",
    "the plan made of windows fails verification: {}": "由各窗口拼成的方案未通过验证：{1}",
    "the time limit passed before the whole horizon was bounded; allow more time":
        "时限已到，整个规划期尚未求得界限；请延长时限",
    "the time limit passed before the whole horizon was priced; allow more time":
        "时限已到，整个规划期尚未求得价格；请延长时限",
    "no plan was found by windows up to hour {}; try longer windows or more overlap":
        "到第 {1} 小时为止，各窗口没有求得方案；请加长窗口或重叠",
    "the solver refused the program": "求解器不接受该规划",
    "the solver stopped without an answer: {}": "求解器停止而没有答案：{1}",
    "the time limit passed before a first plan was found; allow more time": "时限已到，尚未求得第一个方案；请延长时限",
    "an answer fails verification (tolerance {}): {}": "答案未通过验证（容差 {1}）：{2}",
    "with {} the solver found the program {}": "{1} 时求解器认为该规划 {2}",
    "{} has no best": "{1} 没有最优值",
    "{} has no least": "{1} 没有最小值",
    "comparing needs two runs or more": "比较须有两个以上运行结果",
    "runs in {} and {} cannot be compared": "以 {1} 与 {2} 计的运行结果不能比较",
    "{}: a folder of this name exists; choose a file name": "{1}：已有同名文件夹；请另取文件名",
    "{}: the file exists; choose another or replace it (--replace)": "{1}：文件已存在；请另取名称，或加 --replace 替换",
    "{}: it cannot be written: {}": "{1}：无法写出：{2w}",
    "the run has no {} {} It has: {}": "运行结果没有 {1} {2} 现有：{3}",
    "the run has no {} {}": "运行结果没有 {1} {2}",
    "there is nothing called {} to show{} There are: {}": "没有可显示的 {1}{2} 现有：{3}",
    "{}: no statistic {} There are: {}": "{1}：没有统计量 {2} 现有：{3}",
    "the best is chosen of two simulations or more": "须有两个以上仿真才能选优",
    "{}: the best is chosen of simulations, this is a {}": "{1}：只在仿真中选优，而这是 {2}",
    "{}: {} {}, but {} has {}; the best is chosen of runs that are alike in these":
        "{1}：{2} 为 {3}，而 {4} 为 {5}；只在这些相同的运行中选优",
    "the plan made of the solution fails verification: {}": "由该解得出的方案未通过验证：{1}",
    "there are no values in this solution": "该解中没有数值",
    "{} of its names are not columns of this program": "其中 {1} 个名称不是该规划的列",
    "a solution of the file that `lodeworks export lp` or `mps` writes of the same chain":
        "对同一产业链由 `lodeworks export lp` 或 `mps` 写出的文件求得的解",
    "{} columns of this program have no value": "该规划有 {1} 列没有数值",
    "a value of each column": "每一列的数值",
    "cannot read the solution: {}": "无法读取该解：{1w}",
    "this is no solution of a program": "这不是规划的解",
    "lines of a name and a value, as HiGHS, Gurobi, SCIP and CBC write them":
        "每行一个名称与一个数值，如 HiGHS、Gurobi、SCIP 与 CBC 所写",
}
