export PYTHONPATH=/tmp/w2/p4/src NUMBA_CACHE_DIR=/tmp/numba-p4
lw() { nice -n 5 /work/main/.venv/bin/python -m lodeworks "$@"; }
