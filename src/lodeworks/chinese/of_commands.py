"""What is told of commands that ask for what there is not: each message in English, and in Chinese.

`{}` stands for what it fills in; how that is put into the Chinese is told in `lodeworks.chinese.matching`.
"""

from __future__ import annotations

__all__ = ["SAID"]

SAID: dict[str, str] = {
    "expected simplex, ipm or race": "应为 simplex、ipm 或 race",
    "an overlap is that of windows: give --rolling": "重叠是窗口的重叠：请写 --rolling",
    "expected pypsa": "应为 pypsa",
    "options of a program: expected lp or mps with CHAIN FILE": "这些是数学规划的选项：应为 lp 或 mps，并写 CHAIN FILE",
    "expected RUN OUT.xlsx, or pypsa, lp or mps with CHAIN FILE":
        "应为 RUN OUT.xlsx，或 pypsa、lp、mps 并写 CHAIN FILE",
    "expected a name that ends in .{}": "应为以 .{1} 结尾的名称",
    "a script is that of a rehearsal: give --rehearse": "脚本用于演练：请写 --rehearse",
    "only a rehearsal has a speed: give --rehearse": "只有演练才有速度：请写 --rehearse",
    "expected lp or mps": "应为 lp 或 mps",
    "expected en or zh": "应为 en 或 zh",
    "expected a share above nought, such as 2%": "应为大于零的比例，如 2%",
    "expected a length of time, such as 7 d": "应为时长，如 7 d",
    "give two runs or more": "请给出两个以上运行结果",
    "{} is not NAME:MEASURE, such as 'done@hall:age'": "{1} 不是 NAME:MEASURE 的写法，如 'done@hall:age'",
    "a report needs a run folder: give --out": "报告须有运行结果文件夹：请写 --out",
}
