"""Importing and exporting from the command line: what is told, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import lodeworks

pytest.importorskip("xarray")
EXAMPLE = Path(__file__).parents[1] / "data" / "pypsa" / "ac-dc-meshed.nc"


def test_a_network_is_imported_planned_and_its_program_exported(tmp_path: Path) -> None:
    assert lodeworks("import", "pypsa", EXAMPLE, tmp_path / "grid").returncode == 0
    assert (tmp_path / "grid" / "chain.yaml").exists()
    done = lodeworks("plan", tmp_path / "grid", "--json")
    assert done.returncode == 0
    assert "18441021.47" in done.stdout
    done = lodeworks("export", "lp", tmp_path / "grid", tmp_path / "grid.lp")
    assert done.returncode == 0
    assert "columns" in done.stderr
    assert lodeworks("export", "mps", tmp_path / "grid", tmp_path / "grid.mps", "--sized").returncode == 0
    assert "_over_" in (tmp_path / "grid.mps").read_text() or "_times_" in (tmp_path / "grid.mps").read_text()
    assert lodeworks("export", "pypsa", tmp_path / "grid", tmp_path / "back.nc").returncode == 0


def test_what_cannot_be_imported_or_exported_ends_with_one_message_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "text.nc").write_text("no network")
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / "mine.txt").write_text("mine")
    for arguments, words in (
        (("import", "pypsa", tmp_path / "text.nc", tmp_path / "new"), "not a NetCDF file"),
        (("import", "pypsa", EXAMPLE, tmp_path / "grid"), "not empty"),
        (("import", "excel", EXAMPLE, tmp_path / "new"), "expected pypsa"),
        (("export", "lp", tmp_path / "none", tmp_path / "x.lp"), "none"),
        (("export", "lp", EXAMPLE, tmp_path / "x.txt"), ".lp"),
        (("export", "mps"), "expected RUN OUT.xlsx"),
    ):
        done = lodeworks(*arguments)
        assert done.returncode == 2
        assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grid", "text.nc"]


def test_a_component_of_an_unknown_kind_is_refused_by_name(tmp_path: Path) -> None:
    """As of a later version of PyPSA; what everybody may add, a column of their own, is passed over."""
    import numpy as np
    import xarray

    from lodeworks import InputError
    from lodeworks.exchange import import_pypsa

    with xarray.open_dataset(EXAMPLE) as data:
        more = data.load().assign(generators_owner=("generators_i", np.arange(data.sizes["generators_i"])))
    more.to_netcdf(tmp_path / "own.nc", engine="netcdf4")
    assert import_pypsa(tmp_path / "own.nc")[1] == []
    more = more.assign_coords(reactors_i=("reactors_i", np.array(["one"], object)))
    more.to_netcdf(tmp_path / "later.nc", engine="netcdf4")
    with pytest.raises(InputError, match=r"reactors.one: is not carried; found a component of a kind that is not known"):
        import_pypsa(tmp_path / "later.nc")


def test_what_firms_have_and_owe_is_not_lost_unsaid(tmp_path: Path) -> None:
    from lodeworks import Chain, InputError
    from lodeworks.exchange import export_pypsa

    works = {
        "chain": "works", "horizon": {"start": "2026-01-01", "length": "4 h"}, "commodities": {"coal": {"unit": "t"}},
        "firms": {"mill": {"cash": "1 CNY"}},
        "supplies": {"mine": {"commodity": "coal", "price": "5 CNY/t", "owner": "mill"}},
        "demands": {"town": {"commodity": "coal", "price": "9 CNY/t", "most": "2 t/h", "owner": "mill"}},
    }
    chain = Chain.model_validate(works)
    with pytest.raises(InputError, match="firms: PyPSA has no component for what firms have and owe"):
        export_pypsa(chain, tmp_path / "x.nc")
