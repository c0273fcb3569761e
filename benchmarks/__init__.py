"""How fast, how big and how right, side by side with the field's tools: ``python -m benchmarks``.

`registry` lists what there is; `chains` makes the chains, in Python; `peer_pypsa` says the same chain to PyPSA;
`worker` runs one side of one case in a process of its own, so that its memory can be told.
"""
