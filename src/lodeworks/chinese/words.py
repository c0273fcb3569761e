"""The words a message fills in: kinds of things, dimensions, and what the libraries below say of files.

A word stands here only where a message says that it fills in a word; a name that a user gave stays as it is.
"""

from __future__ import annotations

__all__ = ["DIMENSIONS", "LIBRARIES", "WORDS"]

WORDS: dict[str, str] = {
    "commodity": "物料", "site": "场所", "firm": "企业", "lender": "银行", "loan": "贷款", "fleet": "车队",
    "pool": "资源池", "route": "运输线", "process": "工序", "supply": "供给", "demand": "需求", "store": "储存",
    "feed": "数据来源", "tag": "测点", "zone": "区域", "row": "限值行", "item": "事项", "alarm": "报警", "role": "角色",
    "element": "对象", "project": "项目", "capacity": "容量", "severity": "严重程度", "datum": "坐标系",
    "state": "状态",
    "process, route, supply or demand": "工序、运输线、供给或需求",
    "process or route that can be off": "可停机的工序或可停用的运输线",
    "element that may be built": "可新建的对象", "element that can be out": "可停运的对象",
    "store or a commodity in store": "储存，或储存中的物料",
    "arrivals": "到达", "failures": "故障", "a repair": "维修", "a vehicle": "车辆", "a run": "一次运行",
    "mass": "质量", "energy": "能量", "year": "年", "month": "月", "quarter": "季", "week": "周", "day": "日",
    "a reason": "替代理由", "its cause": "原因", "what it leads to": "后果", "what is done": "处置",
    "people": "人数", "stay": "停留时间", "nothing": "空", "nothing more": "没有别的", "none": "没有",
    "the end": "结尾", "in store": "在库", "on its way": "在途", "on the way": "在途", "no owner": "无主一方",
    "both": "两者都写了", "limit": "限值", "a plain number": "不带单位的数",
    "a whole number": "整数", "text": "文字",
    "what is held": "所占用的", "a load": "一车", "a batch": "一批", "a vehicle's load": "一车的货",
    "a PDF document": "PDF 文档", "a picture": "图片", "a database": "数据库", "machines": "台数", "vehicles": "车辆",
    "exponential, erlang": "exponential、erlang", "share of": "占比", "a truckload": "一车", "too large": "过大",
}
"""What may be filled in where a message says so with ``{1w}``."""

DIMENSIONS: dict[str, str] = {
    "mass": "质量", "time": "时间", "length": "长度", "temperature": "温度", "current": "电流", "energy": "能量",
    "power": "功率", "area": "面积", "volume": "体积", "speed": "速度", "dimensionless": "无量纲",
    "normal volume": "标准体积", "currency": "货币", "currency usd": "货币（美元）", "currency eur": "货币（欧元）",
    "sound level": "声级", "person": "人数", "vehicle": "车辆数", "trip": "趟数", "piece": "件数", "1": "1",
}
"""The parts of a dimension, which are joined by ``·`` and ``/``."""

LIBRARIES: dict[str, str] = {
    # of files
    "No such file or directory": "没有这个文件或文件夹", "Permission denied": "没有权限",
    "Is a directory": "这是文件夹",
    "Not a directory": "这不是文件夹", "No space left on device": "磁盘已满", "File exists": "文件已存在",
    "Read-only file system": "只读文件系统", "File name too long": "文件名过长",
    "Too many levels of symbolic links": "符号链接层数过多", "Input/output error": "读写出错",
    "unexpected end of data": "数据不完整", "embedded null byte": "名称含空字符",
    # of units
    "{} is not defined in the unit registry": "没有定义 {1}", "{} owned by {}": "{1} 的股东为 {2}",
    # of commands
    "Invalid value for {}: {}": "{1} 的值不对：{2w}", "Invalid value: {}": "值不对：{1w}",
    "Missing argument {}.": "缺少参数 {1}",
    "Missing option {}.": "缺少选项 {1}", "No such option: {}": "没有选项 {1}",
    "No such option: {} Did you mean {}?": "没有选项 {1}；是否想写 {2}？",
    "No such option: {} (Possible options: {})": "没有选项 {1}；是否想写 {2}？", "No such command {}.": "没有命令 {1}",
    "No such command {}. Did you mean {}?": "没有命令 {1}；是否想写 {2}？",
    "Got unexpected extra argument ({})": "多余的参数 {1}", "Got unexpected extra arguments ({})": "多余的参数 {1}",
    "Option {} requires an argument.": "选项 {1} 须带一个值",
    "Option {} requires {} arguments.": "选项 {1} 须带 {2} 个值",
    "{} is not a valid integer.": "{1} 不是整数", "{} is not a valid float.": "{1} 不是数",
    "{} is not in the range {}.": "{1} 不在范围 {2} 之内", "{} is not a valid path.": "{1} 不是路径",
    "Input should be a valid integer, unable to parse string as an integer": "应为整数",
    "Input should be a valid number, unable to parse string as a number": "应为数",
    "Input should be greater than or equal to {}": "应大于或等于 {1}",
    "Input should be less than or equal to {}": "应小于或等于 {1}",
    # of YAML
    "while parsing a flow mapping {}": "解析 `{…}` 时{1w}", "while parsing a flow sequence {}": "解析 `[…]` 时{1w}",
    "while parsing a block mapping {}": "解析键与值时{1w}", "while parsing a block collection {}": "解析列表时{1w}",
    "while parsing a flow node {}": "解析一项时{1w}", "while parsing a block node {}": "解析一项时{1w}",
    "did not find expected node content": "没有遇到应有的内容",
    "did not find expected comment or line break": "此处应为注释或换行",
    "could not find expected directive name": "没有遇到应有的指令名称", "did not find expected key": "没有遇到应有的键",
    "did not find expected alphabetic or numeric character": "没有遇到应有的字母或数字",
    "found character that cannot start any token": "遇到不能作为开头的字符",
    "found unknown escape character": "遇到未知的转义字符", "found undefined tag handle": "遇到未定义的标签",
    "found unexpected document indicator": "遇到多余的文档标记",
    "while parsing a node {}": "解析一项时{1w}", "while scanning a quoted scalar {}": "读取引号中的文字时{1w}",
    "while scanning a simple key {}": "读取键时{1w}", "while scanning a plain scalar {}": "读取文字时{1w}",
    "while scanning a block scalar {}": "读取多行文字时{1w}", "while scanning for the next token {}": "往下读取时{1w}",
    "while scanning a double-quoted scalar {}": "读取双引号中的文字时{1w}",
    "while scanning an alias {}": "读取引用时{1w}",
    "while scanning an anchor {}": "读取锚点时{1w}", "while scanning a tag {}": "读取标签时{1w}",
    "while scanning a directive {}": "读取指令时{1w}", "while parsing a tag {}": "解析标签时{1w}",
    "expected {}, but got {}": "应为 {1}，却遇到 {2}", "expected {}, but found {}": "应为 {1}，却遇到 {2}",
    "did not find expected {}": "没有遇到应有的 {1}",
    "found character {} that cannot start any token": "遇到不能作为开头的字符 {1}",
    "could not find expected ':'": "没有遇到应有的 ':'",
    "found unexpected end of stream": "文件在此中断", "mapping values are not allowed here": "这里不能再写“键: 值”",
    "mapping values are not allowed in this context": "这里不能再写“键: 值”",
    "sequence entries are not allowed here": "这里不能写列表项", "found undefined alias {}": "遇到未定义的引用 {1}",
    "block sequence entries are not allowed in this context": "这里不能写列表项",
    "found unknown escape character {}": "遇到未知的转义字符 {1}",
    "special characters are not allowed": "含不允许的字符",
    "control characters are not allowed": "含不允许的控制字符", "found undefined tag handle {}": "遇到未定义的标签 {1}",
    "found a tab character that violates indentation": "用了制表符缩进",
    "found a tab character where an indentation space is expected": "应以空格缩进之处用了制表符",
    "found unexpected ':'": "遇到多余的 ':'", "found extra document": "遇到第二个文档",
    "mapping keys are not allowed in this context": "这里不能写键",
    "found unknown directive name": "遇到未知的指令",
    "found unexpected non-alphabetical character": "遇到不该有的非字母字符",
    "found extremely long version number": "版本号过长",
    "did not find expected version number": "没有遇到应有的版本号",
    "did not find expected whitespace": "此处应为空格",
    "did not find expected whitespace or line break": "此处应为空格或换行",
    "did not find the expected '>'": "没有遇到应有的 '>'",
    "did not find expected tag URI": "没有遇到应有的标签地址",
    "did not find URI escaped octet": "地址中的转义不对",
    "did not find expected hexdecimal number": "没有遇到应有的十六进制数",
    "found an indentation indicator equal to 0": "缩进标记不能为 0",
    "found invalid Unicode character escape code": "字符转义不对",
    "found an incorrect leading UTF-8 octet": "不是 UTF-8 编码",
    "found an incorrect trailing UTF-8 octet": "不是 UTF-8 编码",
    "invalid leading UTF-8 octet": "不是 UTF-8 编码",
    "invalid trailing UTF-8 octet": "不是 UTF-8 编码",
    "incomplete UTF-8 octet sequence": "UTF-8 编码不完整",
    "found duplicate %YAML directive": "%YAML 指令写了两次",
    "found duplicate %TAG directive": "%TAG 指令写了两次",
    "found incompatible YAML document": "YAML 版本不合用",
    # of JSON
    "Expecting value": "此处应有值", "Expecting property name enclosed in double quotes": "此处应有双引号括起的键",
    "Expecting ',' delimiter": "此处应有逗号", "Expecting ':' delimiter": "此处应有冒号",
    "Extra data": "末尾有多余内容",
    "Unterminated string starting at": "字符串没有结束", "Invalid control character at": "含不允许的控制字符",
    "Invalid \\escape": "转义不对", "Illegal trailing comma before end of object": "对象末尾有多余的逗号",
    "Illegal trailing comma before end of array": "列表末尾有多余的逗号",
}
"""What the libraries that read files say, so far as it is known."""
