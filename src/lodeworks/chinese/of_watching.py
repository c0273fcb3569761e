"""What is told of the live reading: what cannot be kept, listened to or served: each message in English and Chinese.

`{}` stands for what it fills in; how that is put into the Chinese is told in `lodeworks.chinese.matching`.
"""

from __future__ import annotations

__all__ = ["SAID"]

SAID: dict[str, str] = {
    "the rule has no limit of this level": "该报警规则没有这一级限值",
    "no such alarm rule": "没有这条报警规则",
    "this is held against a plan, and none is given": "它与计划对比，而没有给出方案",
    "the run folder of the plan it was held against": "当时所对比方案的运行结果文件夹",
    "unknown kind": "未知的类型",
    "an expression that was not made ready": "表达式尚未就绪",
    "no such tag": "没有这个测点",
    "{}: the live reading cannot be kept here: {}": "{1}：监看数据无法存于此处：{2w}",
    "{}: another ingest is running here; stop it first, or give another folder":
        "{1}：此处已有另一个 ingest 在运行；请先停止它，或另选文件夹",
    "speed {}": "速度 {1}",
    "there is no deed {}": "没有操作 {1}",
    "{} {}: it was told as not done; ask for it anew": "{1} {2}：已告知未完成；请重新发起",
    "{}: no answer as JSON: {}": "{1}：没有 JSON 格式的答案：{2w}",
    "{}: cannot be started: {}": "{1}：无法启动：{2w}",
    "{}: the day cannot be written: {}": "{1}：该日数据无法写出：{2w}",
    "{}: the extremes cannot be written: {}": "{1}：极值无法写出：{2w}",
    "{}: the closed day cannot be read: {}": "{1}：已封存的一日无法读取：{2w}",
    "{}: closed days cannot be read: {}": "{1}：已封存的各日无法读取：{2w}",
    "{}: the day is not whole: {} samples written of {} given, at least {} expected; nothing was deleted":
        "{1}：该日数据不完整：给出 {3} 个样本，写出 {2} 个，至少应有 {4} 个；未删除任何内容",
    "{}: the history is a folder; a file of this name exists": "{1}：历史数据须为文件夹，而已有同名文件",
    "{}: the work on this day was broken off; it begins anew": "{1}：该日的处理曾中断；现重新开始",
    "a batch of the history is damaged: {} bytes are no whole rows of {}":
        "一批历史数据已损坏：{1} 字节不是 {2} 的整行",
    "{}: the numbers of the tags cannot be read, without which the days in {} cannot either: {}; delete"
    " it if there are no days":
        "{1}：测点编号无法读取，{2} 中的各日因此也无法读取：{3w}；若没有各日数据，可删除它",
    "{}: the numbers of the tags cannot be written: {}": "{1}：测点编号无法写出：{2w}",
    "{}: the PostgreSQL client is not installed; expected pip install 'lodeworks[postgres]'":
        "{1}：没有安装 PostgreSQL 客户端；应为 pip install 'lodeworks[postgres]'",
    "{}: the history cannot be used ({}): {}": "{1}：历史数据库无法使用（{2}）：{3w}",
    "rows {} to {} {}": "第 {1} 至 {2} 行{3w}",
    "the file cannot be read from here on: {}": "文件自此处起无法读取：{1w}",
    "the last row is not the one that was written": "最后一行不是当初写下的那一行",
    "{}: no such journal": "{1}：没有这个日志",
    "the row is not what was written: its hash does not fit": "该行不是当初写下的内容：校验值不符",
    "{}: not a run from a state of the present": "{1}：不是从当前状态出发的运行结果",
    "{}: not the run of a plan of one horizon, so nothing can be held against it":
        "{1}：不是单一规划期方案的运行结果，因此无法对比",
    "{}: the plan of another chain; found {}, expected {}": "{1}：另一条产业链的方案；现为 {2}，应为 {3}",
    "{}: the plan has no rates, so nothing can be held against it": "{1}：方案没有负荷，因此无法对比",
    "{}: the plan runs {}, which this chain has not; plan it anew": "{1}：方案运行了本产业链没有的 {2}；请重新规划",
    "{}: not a file of present values": "{1}：不是当前值文件",
    "{}: the present values of other tags; the chain has changed since": "{1}：是另一些测点的当前值；产业链此后已改动",
    "{}: no present values here: {}": "{1}：这里没有当前值：{2w}",
    "{}: damaged, and it cannot be begun anew: {}": "{1}：已损坏，且无法重新开始：{2w}",
    "too little is known to judge scales by their balance: expected {} hours or more of the {} days "
    "to learn from, or {} windows where balances close over longer":
        "已知数据太少，无法按平衡判断皮带秤：{2} 天的学习数据中应有 {1} 小时以上，或在平衡周期更长之处有 "
        "{3} 个窗口",
    "feed {}: no such kind; found {}; expected one of {}": "数据来源 {1}：没有这种类型；现为 {2}；应为以下之一：{3}",
    "{}; found {}; expected {}": "{1w}；现为 {2w}；应为 {3w}",
    "feed {}: a password stands in the address; expected it in the environment, as LODEWORKS_PASSWORD_ "
    "and the feed's name in capitals":
        "数据来源 {1}：地址中写了密码；应放在环境变量中，名称为 LODEWORKS_PASSWORD_ 加大写的来源名称",
    "feed {}: the {} is not installed; expected pip install 'lodeworks[{}]'":
        "数据来源 {1}：没有安装 {2}；应为 pip install 'lodeworks[{3}]'",
    "feed {}: no registers: {}; expected such as holding:100:float32 or 2/input:7*0.1":
        "数据来源 {1}：不是寄存器：{2}；应如 holding:100:float32 或 2/input:7*0.1",
    "feed {}: {}; expected such as ns=2;s=Gas1": "数据来源 {1}：{2w}；应如 ns=2;s=Gas1",
    "feed {}: no token of {} characters or more; expected one in the environment, as LODEWORKS_TOKEN_ "
    "and the feed's name in capitals":
        "数据来源 {1}：没有 {2} 个字符以上的令牌；应放在环境变量中，名称为 LODEWORKS_TOKEN_ 加大写的来源名称",
    "feed {}: https without files; found {}; expected …?certificate=FILE&key=FILE":
        "数据来源 {1}：https 缺少所需的文件；现为 {2}；应为 …?certificate=FILE&key=FILE",
    "feed {}: no such file: {}": "数据来源 {1}：没有这个文件：{2}",
    "feed {}: no speed; found {}; expected a number up to {}": "数据来源 {1}：不是速度；现为 {2}；应为至多 {3} 的数",
    "feed {}: no column `time`; found {}": "数据来源 {1}：没有 `time` 列；现为 {2}",
    "{}: no table of samples: {}": "{1}：不是样本表格：{2w}",
    "feed {}: no name of a host; found {}; expected one without +, / and #":
        "数据来源 {1}：不是主机名称；现为 {2}；应为不含 +、/ 与 # 的名称",
    "{}: nothing can be put down for the live reading: {}": "{1}：无法为监看存入任何内容：{2w}",
    "no state can be made of now: the plan {}; plan the chain anew": "无法生成当前状态：方案 {1w}；请重新规划产业链",
    "{}: the state cannot be written: {}": "{1}：状态文件无法写出：{2w}",
    "{}: it exists already; choose another name or replace it": "{1}：已存在；请另取名称或替换它",
    "there is no such file for TLS": "没有这个 TLS 文件",
    "a file in PEM": "PEM 格式的文件",
    "without accounts only localhost may be served": "没有账户时只能对本机提供服务",
    "through a proxy everybody comes by the name of localhost": "经由代理时，人人都显示为本机",
    "accounts": "写明账户",
    "TLS needs both files": "TLS 需要两个文件",
    "certificate and key": "证书与密钥",
    "the pages' libraries are not installed; expected pip install 'lodeworks[watch]'":
        "没有安装页面所需的组件；应为 pip install 'lodeworks[watch]'",
    "{}:{}: nobody can listen there: {}; expected an address of this computer and a port that is allowed":
        "{1}:{2}：无法在那里监听：{3w}；应为本机地址与允许使用的端口",
    "the files for TLS cannot be used": "TLS 文件不能使用",
    "a certificate and its own key, both in PEM, the key without a password":
        "证书及其密钥，均为 PEM 格式，密钥不带密码",
    "{}:{}: another program listens there; stop it, or give another --port":
        "{1}:{2}：已有其他程序在监听；请停止它，或另选 --port",
    "{}: the accounts cannot be read, so nobody comes in: {}; put a copy back, or move it away to make "
    "the first admin anew":
        "{1}：账户文件无法读取，因此无人能登录：{2w}；请放回备份，或移走它以重新建立首个管理员",
}
